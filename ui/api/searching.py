"""The routes that search: an answer at once, or answers that get better while one watches."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import anyio
from fastapi import APIRouter, Query, UploadFile
from starlette.responses import StreamingResponse

from indexer.errors import PhotoUnreadable
from ui.api.ask import Ask, as_query
from ui.api.models import Answer
from ui.api.parts import ServiceOf
from ui.api.refusals import refusal

if TYPE_CHECKING:
    from PIL import Image

    from search import query
    from ui.service import Service

router = APIRouter(tags=["search"])
Asked = Annotated[Ask, Query()]
LINES = "application/x-ndjson"


async def query_of(service: Service, ask: Ask) -> query.Query:
    """The query, with the photo of the library that it names.

    Raises:
        PhotoGone: there is none with this id.
        UiError: a filter cannot be understood, or no photo fits them.
    """
    like = None if ask.like is None else await anyio.to_thread.run_sync(service.path_of, ask.like)
    return as_query(ask, like)


async def answer_of(service: Service, results: query.Results) -> Answer:
    """The answer of a search's results, with the tags that the photos have now."""
    tags = service.library().tags
    ids = [match.photo_id for match in results.matches]
    return Answer.of(results, await anyio.to_thread.run_sync(tags.of, ids))


async def answer_to(service: Service, ask: Ask) -> Answer:
    """The answer to what is asked, all judged that is to be.

    Raises: as `query_of` and `Service.search`.
    """
    return await answer_of(service, await service.search(await query_of(service, ask)))


@router.get("/search", summary="Search")
async def search(ask: Asked, service: ServiceOf) -> Answer:
    """Find the photos that a caption describes, best first."""
    return await answer_to(service, ask)


@router.post("/search", summary="Search, asked in JSON")
async def search_with_json(ask: Ask, service: ServiceOf) -> Answer:
    """The same, asked in JSON."""
    return await answer_to(service, ask)


@router.post("/search/like", summary="Search for photos like one that is sent")
async def search_like_sent(photo: UploadFile, ask: Asked, service: ServiceOf) -> Answer:
    """Find photos like one that is sent, at most 50 MB; it is not kept."""
    results = await service.search(as_query(ask, await _decoded(photo, service)))
    return await answer_of(service, results)


@router.get("/photos/{photo_id}/like", summary="Search for photos like one of the library")
async def search_like(photo_id: int, ask: Asked, service: ServiceOf) -> Answer:
    """Find photos like one of the library."""
    return await answer_to(service, ask.model_copy(update={"like": photo_id}))


@router.get(
    "/search/stream",
    summary="Search, with answers that get better",
    response_class=StreamingResponse,
    responses={200: {"content": {LINES: {"schema": {"$ref": "#/components/schemas/Answer"}}}}},
)
async def search_stream(ask: Asked, service: ServiceOf) -> StreamingResponse:
    """Answers that get better while photos are judged, one a line, the last the best.

    The work ends when the client goes away.
    """
    answers = service.refine(await query_of(service, ask))
    first = await anext(answers)  # what is refused is refused with its status
    lines = _lines(service, first, answers)
    return StreamingResponse(lines, media_type=LINES, headers={"Cache-Control": "no-store"})


async def _lines(
    service: Service, first: query.Results, answers: AsyncGenerator[query.Results, None]
) -> AsyncGenerator[bytes, None]:
    async with aclosing(answers):
        try:
            yield _line(await answer_of(service, first))
            async for results in answers:
                yield _line(await answer_of(service, results))
        except Exception as error:  # the status is sent already, so the last line says it
            yield bytes(refusal(error).body) + b"\n"


def _line(answer: Answer) -> bytes:
    return answer.model_dump_json().encode() + b"\n"


async def _decoded(photo: UploadFile, service: Service) -> Image.Image:
    """The photo that was sent, decoded in a child process from a file that is deleted afterwards.

    Raises:
        PhotoUnreadable: it is no photo, damaged or too large.
    """
    suffix = Path(photo.filename or "").suffix  # tells a RAW photo
    with tempfile.TemporaryDirectory(prefix="bridgelens-") as folder:
        path = os.path.join(folder, "photo" + (suffix if suffix[1:].isalnum() and len(suffix) < 8 else ""))
        await anyio.to_thread.run_sync(_write, photo, path)
        try:
            return await service.decoded(path)
        except PhotoUnreadable as error:
            raise PhotoUnreadable("the photo that was sent", error.reason) from error


def _write(photo: UploadFile, path: str) -> None:
    with open(path, "wb") as file:
        shutil.copyfileobj(photo.file, file)
