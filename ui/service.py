"""Searches and photos of one library for other programs: what the HTTP API and the MCP server share.

Library and model are opened once. Searches take turns at the model, one step of a search at a time and in the
order in which they come, so that many at once neither thrash the cores nor wait for the longest of them.
"""

from __future__ import annotations

import io
import os
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self

import anyio

from indexer.errors import PhotoUnreadable
from indexer.guarded import decode_guarded
from indexer.workers import ChildProcesses, usable_cores
from model.errors import ModelError
from storage.errors import StorageError
from storage.records import ModelRef, PhotoRecord
from ui import compose
from ui.errors import PhotoGone, ServerEnding
from ui.settings import Settings
from ui.thumbnails import is_under, library_thumbnail, paths_to_show

if TYPE_CHECKING:
    from PIL import Image

    from model.bridgetower import BridgeTower
    from search.engine import Engine
    from search.evidence import Evidence
    from search.query import Query, Results
    from storage.library import Library

SEARCHES_AT_ONCE = 1
"""Steps of searches that run at a time: torch uses every core for one already."""


class Service:
    """One library and its model, open. Use it in a `with`; safe to share between threads and tasks."""

    def __init__(self, settings: Settings, searches_at_once: int = SEARCHES_AT_ONCE) -> None:
        self.settings = settings
        self._workers = ChildProcesses(min(2, usable_cores()))
        self._turns = anyio.CapacityLimiter(searches_at_once)
        self._decoders = anyio.CapacityLimiter(usable_cores())
        self._opening, self._loading = threading.Lock(), threading.Lock()
        self._ending = False
        self._library: Library | None = None
        self._loaded: tuple[ModelRef | None, BridgeTower] | None = None
        self._over: tuple[Library, BridgeTower, Engine] | None = None

    def __enter__(self) -> Self:
        """The service; library and model are opened by the first that needs them, or by `load`."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the library and end the children."""
        self._workers.close()
        if self._library is not None:
            self._library.close()

    def end(self) -> None:
        """Let the searches that are under way end at their next step, so that nothing holds up a server."""
        self._ending = True

    def load(self) -> None:
        """Open library and model ahead of the first request, which says what is the matter if they fail."""
        with suppress(StorageError, ModelError, OSError):
            self.engine()

    def library(self) -> Library:
        """The library, open for reading; it shows what another program writes meanwhile.

        Raises:
            StorageError: it is not there, or cannot be read.
        """
        with self._opening:
            if self._library is None:
                self._library = compose.open_library(self.settings)
            return self._library

    def model(self) -> BridgeTower:
        """The model that searches use; loaded anew when the library changes to another.

        Raises:
            StorageError: there is no library that could name it.
            ModelError: it cannot be loaded.
        """
        library = self.library()
        with self._loading:
            active = library.models.active()
            if self._loaded is None or (self._loaded[0] != active and not self.settings.model_chosen):
                self._loaded = active, compose.load_model(compose.with_its_model(self.settings, library))
            return self._loaded[1]

    def engine(self) -> Engine:
        """Search over both, the same one until either changes: it keeps what the model made of photos.

        Raises: as `model`.
        """
        library, model = self.library(), self.model()
        with self._loading:
            if self._over is None or self._over[0] is not library or self._over[1] is not model:
                self._over = library, model, compose.open_engine(library, model)
            return self._over[2]

    async def search(self, query: Query) -> Results:
        """The answer when all is judged that is to be; cancelling it stops the work.

        Raises: as `search.engine.Engine.search`, and as `engine`.
        """
        async with aclosing(self.refine(query)) as answers:
            async for answer in answers:
                best = answer
        return best

    async def refine(self, query: Query) -> AsyncGenerator[Results, None]:
        """Better and better answers, the last the best; closing the generator stops the work.

        Raises:
            ServerEnding: `end` was called.
            Exception: as `search`.
        """
        engine = await anyio.to_thread.run_sync(self.engine)
        # A turn too: it embeds the caption, and a photo to resemble, before it gives its generator.
        answers = await anyio.to_thread.run_sync(engine.refine, query, limiter=self._turns)
        while not self._ending:
            answer = await anyio.to_thread.run_sync(next, answers, None, limiter=self._turns)
            if answer is None:
                return
            yield answer
        raise ServerEnding("the server was told to end, and has not finished this search")

    async def explain(self, photo: PhotoRecord, caption: str) -> Evidence:
        """What each word of the caption adds to its match with a photo of the library.

        Raises:
            PhotoGone: its file is gone, or can no longer be read.
            SearchError: the caption has no word, or is longer than the model reads.
            ModelError: the checkpoint cannot judge pairs.
            StorageError: there is no library.
        """
        from search.evidence import explain

        def judge() -> Evidence:
            return explain(self.model(), self._whole(photo), caption)

        with gone_if_unreadable(photo):
            return await anyio.to_thread.run_sync(judge, limiter=self._turns)

    async def heat_map(self, photo: PhotoRecord, caption: str) -> bytes:
        """A PNG file of a photo of the library with where its match with the caption comes from.

        Raises: as `explain`.
        """
        from search.evidence import explainable
        from ui.heat_map import with_heat_map

        def draw() -> bytes:
            model, stream = self.model(), io.BytesIO()
            asked = explainable(model, caption)
            with_heat_map(model, self._whole(photo), asked).save(stream, "PNG")
            return stream.getvalue()

        with gone_if_unreadable(photo):
            return await anyio.to_thread.run_sync(draw, limiter=self._turns)

    def photo(self, photo_id: int) -> PhotoRecord:
        """What the library knows of a photo.

        Raises:
            PhotoGone: it knows no such photo.
            StorageError: there is no library.
        """
        found = self.library().photos([photo_id]).get(photo_id) if abs(photo_id) < 2**63 else None
        if found is None:
            raise PhotoGone(f"there is no photo with the id {photo_id} in {self.settings.library}")
        return found

    def path_of(self, photo_id: int) -> str:
        """The path that the library knows a photo by, also when its file is not there now.

        Raises: as `photo`.
        """
        photo = self.photo(photo_id)
        missing = (each.path for each in self.library().missing_files(photo_id, 1))
        path = next(iter(photo.paths), None) or next(missing, None)
        if path is None:
            raise PhotoGone(f"no file of the photo with the id {photo_id} is known any more")
        return path

    def file_of(self, photo: PhotoRecord) -> str:
        """The path of its first file that lies under a folder of the library, symbolic links followed.

        Raises:
            PhotoGone: there is none any more.
            StorageError: there is no library.
        """
        roots = self.library().roots()
        for path in photo.paths:
            if os.path.isfile(path) and any(is_under(path, root) for root in roots):
                return os.path.realpath(path)
        raise PhotoGone(f"no file of the photo with the id {photo.photo_id} is there any more")

    async def thumbnail(self, photo: PhotoRecord) -> bytes:
        """A small JPEG of the photo, without EXIF.

        Raises:
            PhotoGone: its file is gone, or can no longer be read.
            StorageError: there is no library.
        """

        def make() -> bytes:
            return library_thumbnail(photo, self.library())

        with gone_if_unreadable(photo):
            return await anyio.to_thread.run_sync(make, limiter=self._decoders)

    async def decoded(self, path: str) -> Image.Image:
        """A photo from outside, upright and RGB, decoded in a child process.

        Raises:
            PhotoUnreadable: it is no photo, damaged or too large, or its decoder died.
        """

        def decode() -> Image.Image:
            return decode_guarded(path, self._workers, self.model().preprocessor.resized)

        return await anyio.to_thread.run_sync(decode)

    def _whole(self, photo: PhotoRecord) -> Image.Image:
        """The photo, upright RGB, of its first file under a folder of the library that can be read."""
        return compose.decode_first(paths_to_show(photo, self.library())).photo


@contextmanager
def gone_if_unreadable(photo: PhotoRecord) -> Iterator[None]:
    """Inside, a photo of the library whose files are gone, or can no longer be read, is refused as gone.

    Raises:
        PhotoGone: it is such a photo.
    """
    try:
        yield
    except PhotoUnreadable as error:
        raise PhotoGone(f"the photo with the id {photo.photo_id}: {error.reason}") from error
    except FileNotFoundError as error:
        raise PhotoGone(f"no file of the photo with the id {photo.photo_id} is there any more") from error
