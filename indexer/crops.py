"""Photos of a library read once more, for a model that looks at them and embeds nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import partial

from indexer.decode import decode
from indexer.errors import PhotoUnreadable, WorkerLost
from indexer.reading import Crop, Preprocessor, cropped, in_order, unread
from indexer.workers import Workers
from storage.records import Failure, FileState

Photos = Iterable[tuple[int, Sequence[FileState]]]
"""Photo ids with the files to try, one at least."""


def read_crops(
    photos: Photos, preprocessor: Preprocessor, workers: Workers, *, ahead: int
) -> Generator[tuple[int, Crop | Failure], None, None]:
    """Each photo's id, in order, with its crop, uint8 (side, side, 3), or why no file of it can be read.

    A file that has changed since it was indexed holds perhaps another photo, and counts as one that cannot.
    At most `ahead` photos are decoded and not yet handed out.
    """
    task: Callable[[Sequence[FileState]], Crop | Failure] = partial(_first_crop, preprocessor)
    ids: deque[int] = deque()  # of what is under way, which comes out in order

    def items() -> Iterator[tuple[Sequence[FileState], FileState]]:
        for photo_id, files in photos:
            ids.append(photo_id)
            yield files, files[0]

    for file, future in in_order(workers, task, items(), ahead):
        photo_id = ids.popleft()
        try:
            yield photo_id, future.result()
        except WorkerLost as lost:
            error = PhotoUnreadable(file.path, lost.reason, lasting=lost.lasting)
            yield photo_id, unread(file, error).failure


def _first_crop(preprocessor: Preprocessor, files: Sequence[FileState]) -> Crop | Failure:
    """The crop from the first file that can be read, else the first file's failure."""
    failures: list[Failure] = []
    for file in files:
        try:
            decoded = decode(file.path, preprocessor.resized)
            if (decoded.size, decoded.mtime_ns) != (file.size, file.mtime_ns):
                raise PhotoUnreadable(file.path, "changed since it was indexed", lasting=False)
            return cropped(preprocessor, file.path, decoded.photo)
        except PhotoUnreadable as error:
            failures.append(unread(file, error).failure)
    return failures[0]
