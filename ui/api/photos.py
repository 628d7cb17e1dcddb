"""The routes of one photo, by its id only: what is known of it, a small copy, and the file itself."""

from __future__ import annotations

import mimetypes
import os
from typing import Annotated

import anyio
from fastapi import APIRouter, Header, Response
from starlette.responses import FileResponse

from storage.kinds import VIDEO_FORMATS
from storage.records import PhotoRecord
from ui.api.models import OnePhoto
from ui.api.parts import ServiceOf
from ui.how_taken import how_taken
from ui.render import printable

router = APIRouter(prefix="/photos/{photo_id}", tags=["photos"])
MEDIA_TYPES = {
    name: f"image/{name.lower()}" for name in ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "HEIF", "AVIF")
}
"""By the decoder's name for the format; what a browser must not guess."""
FRESH = "private, max-age=3600"
"""An id means the same photo until a backup is restored, so a copy is not asked for at every view."""


@router.get("", summary="What is known of a photo")
def photo(photo_id: int, service: ServiceOf) -> OnePhoto:
    """What the library knows of a photo, and what its file says of how it was taken."""
    record, library = service.photo(photo_id), service.library()
    tags = library.tags.of([photo_id]).get(photo_id, ())
    return OnePhoto.taken(record, tags, how_taken(record, library))


@router.get(
    "/thumbnail", summary="A small copy",
    response_class=Response, responses={200: {"content": {"image/jpeg": {}}}},
)  # fmt: skip
async def thumbnail(
    photo_id: int, service: ServiceOf, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """A small copy, 1,280 pixels at most: JPEG, upright, without EXIF."""
    record = await anyio.to_thread.run_sync(service.photo, photo_id)
    tag = f'"{record.content_hash}"'
    headers = {"ETag": tag, "Cache-Control": FRESH}
    known = {each.strip().removeprefix("W/") for each in (if_none_match or "").split(",")}
    if known & {tag, "*"}:
        return Response(status_code=304, headers=headers)
    return Response(await service.thumbnail(record), media_type="image/jpeg", headers=headers)


@router.get(
    "/file", summary="The file itself",
    response_class=FileResponse, responses={200: {"content": {"image/*": {}}}},
)  # fmt: skip
def file(photo_id: int, service: ServiceOf) -> FileResponse:
    """The photo's file as it lies on disk; parts of it by the header `Range`."""
    record = service.photo(photo_id)
    path = service.file_of(record)
    return FileResponse(
        path, media_type=media_type(record, path), filename=safe_name(path), headers={"Cache-Control": FRESH},
        content_disposition_type="inline",
    )  # fmt: skip


def media_type(record: PhotoRecord, path: str) -> str:
    """What the decoder found, never what the name alone claims; bytes for a RAW photo."""
    if record.format in VIDEO_FORMATS:
        return mimetypes.guess_type(f"video.{record.format.lower()}")[0] or "application/octet-stream"
    return MEDIA_TYPES.get(record.format, "application/octet-stream")


def safe_name(path: str) -> str:
    """The file's own name for whoever saves it, without what would be a path or a control character."""
    return "".join("_" if each in '/\\:*?"<>|' else each for each in printable(os.path.basename(path)))
