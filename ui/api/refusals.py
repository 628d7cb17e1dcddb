"""What is refused, as JSON: what was expected and found, and what to do next; never a stack trace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from indexer.errors import IndexerError
from model.errors import ModelError
from search.errors import EmptyLibrary, SearchError
from storage.errors import FilterInvalid, ModelMismatch, StorageError, TagInvalid
from ui.api.models import Refusal
from ui.errors import PhotoGone, ServerEnding, UiError

READ_DOCS = "Read /docs for what a request may say."
NEXT: Sequence[tuple[type[Exception], int, str]] = (
    (PhotoGone, 404, "Search again, or run `bridgelens index` for what has changed."),
    (ServerEnding, 503, "Ask again when it is up again."),
    (EmptyLibrary, 503, "Index a folder of photos: bridgelens index FOLDER"),
    (SearchError, 422, READ_DOCS),
    (ModelMismatch, 503, "Embed the photos with this model, `bridgelens reindex`, or start with another."),
    (FilterInvalid, 422, READ_DOCS),
    (TagInvalid, 422, READ_DOCS),
    (StorageError, 503, "Make a library, `bridgelens index FOLDER`, or look at it with `bridgelens doctor`."),
    (ModelError, 503, "Start the server with a model that is here, such as --model mini."),
    (IndexerError, 422, "Send a photo that can be read: JPEG, PNG, WebP, TIFF, HEIC, AVIF and others."),
    (UiError, 422, READ_DOCS),
    (OSError, 503, "Look at the disk of the library, then ask again."),
)
"""The first that fits, its status, and what to do next."""
NEXT_BY_STATUS = {
    401: "Send the token that the server was started with.",
    403: "Start the server with --allow-origin and that address.",
    404: READ_DOCS,
    413: "Send less: a smaller photo or a shorter request.",
}


def refusal(error: Exception) -> JSONResponse:
    """The answer to a request that failed with this error."""
    if isinstance(error, HTTPException):
        status = error.status_code
        headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
        return _json(status, error.detail, NEXT_BY_STATUS.get(status, READ_DOCS), headers)
    for kind, status, what_next in NEXT:
        if isinstance(error, kind):
            return _json(status, str(error), what_next)
    return _json(500, "something went wrong in the server", "Its log, on stderr, has more about it.")


def refuse_in_json(app: FastAPI) -> None:
    """Have the app answer like this, whatever is raised."""

    async def answer(request: Request, error: Exception) -> JSONResponse:
        return refusal(error)

    async def invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return _json(422, "; ".join(map(_in_words, error.errors())), READ_DOCS)

    for kind in (HTTPException, Exception, *(kind for kind, _, _ in NEXT)):
        app.add_exception_handler(kind, answer)
    app.add_exception_handler(RequestValidationError, invalid)


def _in_words(problem: Any) -> str:
    """One thing that is wrong with a request: `k: Input should be less than or equal to 1000`."""
    where = ".".join(map(str, problem["loc"][1:]))
    return f"{where}: {problem['msg']}" if where else str(problem["msg"])


def _json(status: int, error: str, what_next: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse(Refusal(error=error, next=what_next).model_dump(), status, headers)
