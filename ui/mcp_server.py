"""The tools that an assistant gets, by the Model Context Protocol: search, one photo, and why it matches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import anyio
from mcp.server.mcpserver import Image, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, ContentBlock, TextContent, ToolAnnotations
from pydantic import BaseModel, Field

from indexer.errors import IndexerError
from model.errors import ModelError
from search.errors import SearchError
from storage.errors import StorageError
from ui.api.ask import Ask
from ui.api.models import Answer, Explanation, Photo
from ui.api.searching import answer_to
from ui.errors import UiError
from ui.own_version import own_version
from ui.service import Service

INSTRUCTIONS = (
    "Finds photos in the user's own library on this machine by what they show. Describe the photo in plain "
    "English, as a caption would: 'two dogs running on a beach' rather than 'dogs'. When nothing_matches is "
    "true, say that nothing in the library matches; the photos listed are then only the nearest ones. "
    "Look at a photo before you describe it."
)
SEARCH = (
    "Find the photos in the user's library that a caption describes, best first, or those like a photo, "
    "or both. Every match has an id, a path and a match_probability from 0 to 1; nothing_matches says that "
    "even the best is too unlikely to be what was asked for."
)
LOOK = (
    "What is known of a photo (when, where, camera, files, what people wrote, tags), and a small picture of "
    "it. A tag whose source is model was proposed and may be wrong; those of a user are the user's own words."
)
EXPLAIN = (
    "Why a photo matches a caption: what each of its words adds. Above 0 a word speaks for it, below 0 "
    "against it. For a caption of one word there is nothing to compare with, and no words are listed."
)
READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
Caption = Annotated[str, Field(max_length=2000, description="What the photo shows, in one sentence.")]
Count = Annotated[int, Field(ge=1, le=100, description="How many photos to find.")]
Captions = Annotated[tuple[str, ...], Field(max_length=10, description="What it shows besides.")]
Unwanted = Annotated[tuple[str, ...], Field(max_length=10, description="What it must not show.")]
Like = Annotated[int | None, Field(description="Id of a photo that those found resemble.")]
After = Annotated[str | None, Field(description="Taken in 2023, 2023-05 or 2023-05-14, or later.")]
Before = Annotated[str | None, Field(description="Taken in such a year, month or day, or earlier.")]
Places = Annotated[tuple[str, ...], Field(description="Taken in one of these towns, regions or countries.")]
Cameras = Annotated[tuple[str, ...], Field(description="One of these is part of the camera's name.")]
Folders = Annotated[tuple[str, ...], Field(description="In one of these folders, absolute paths, or deeper.")]
Rating = Annotated[int | None, Field(ge=1, le=5, description="At least so many stars.")]
Tags = Annotated[tuple[str, ...], Field(description="With all of these words as tags.")]
PhotoId = Annotated[int, Field(description="Its id, as search_photos gives it.")]


def create_server(service: Service) -> MCPServer[None]:
    """The server over an open service."""
    server: MCPServer[None] = MCPServer(
        "bridgelens", version=own_version(), instructions=INSTRUCTIONS, log_level="WARNING"
    )

    @server.tool(title="Search photos", description=SEARCH, annotations=READS)
    async def search_photos(
        caption: Caption = "",
        k: Count = 10,
        also: Captions = (),
        unwanted: Unwanted = (),
        like: Like = None,
        after: After = None,
        before: Before = None,
        place: Places = (),
        camera: Cameras = (),
        folder: Folders = (),
        rating: Rating = None,
        tag: Tags = (),
    ) -> Annotated[CallToolResult, Answer]:
        ask = Ask.model_validate(
            {
                "caption": caption, "k": k, "and": also, "not": unwanted, "like": like, "after": after,
                "before": before, "place": place, "camera": camera, "folder": folder, "rating": rating,
                "tag": tag,
            }
        )  # fmt: skip
        with refused_in_words():
            answer = await answer_to(service, ask)
        return result(answer, TextContent(type="text", text=in_words(answer, caption)))

    @server.tool(title="Look at a photo", description=LOOK, annotations=READS)
    async def photo(photo_id: PhotoId) -> Annotated[CallToolResult, Photo]:
        with refused_in_words():
            record = await anyio.to_thread.run_sync(service.photo, photo_id)
            tags = await anyio.to_thread.run_sync(service.library().tags.of, [photo_id])
            picture = Image(data=await service.thumbnail(record), format="jpeg").to_image_content()
        return result(Photo.of(record, tags.get(photo_id, ())), picture)

    @server.tool(title="Explain a match", description=EXPLAIN, annotations=READS)
    async def explain(photo_id: PhotoId, caption: Caption) -> Annotated[CallToolResult, Explanation]:
        with refused_in_words():
            record = await anyio.to_thread.run_sync(service.photo, photo_id)
            evidence = await service.explain(record, caption)
        explained = Explanation.of(evidence)
        lines = [f"match {explained.match_probability:.1%} by the model's own reckoning"]
        lines += [f"{each.word}: {each.log_odds_change:+.2f}" for each in explained.words]
        return result(explained, TextContent(type="text", text="\n".join(lines)))

    return server


def result(structured: BaseModel, *content: ContentBlock) -> CallToolResult:
    """What a tool answers: fields for the program, and content for the assistant to read or look at."""
    return CallToolResult(content=list(content), structured_content=structured.model_dump(mode="json"))


@contextmanager
def refused_in_words() -> Iterator[None]:
    """Inside, what the layers below refuse becomes an error that the assistant reads.

    Raises:
        ToolError: with the message of what was refused.
    """
    try:
        yield
    except (UiError, ModelError, StorageError, IndexerError, SearchError, OSError) as error:
        raise ToolError(str(error)) from error


def in_words(answer: Answer, caption: str) -> str:
    """An answer as an assistant reads it: whether anything matches, then a photo a line."""
    if answer.nothing_matches:
        heading = f'Nothing here matches "{caption}". The nearest photos, none of which is likely meant:'
    else:
        heading = f"{len(answer.matches)} photos, best first:"
    lines = [
        f"{match.rank}. id {match.id}, {match.path}"
        + ("" if match.match_probability is None else f", match {match.match_probability:.1%}")
        for match in answer.matches
    ]
    return "\n".join([heading, *lines])
