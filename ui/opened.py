"""What all visits to the web page share: the library and the model, opened once for the whole server.

A rerun of the page, and another visitor, get the same objects; the library sees what an index run adds
meanwhile.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import streamlit as st

from indexer.errors import PhotoUnreadable
from indexer.exposure import Exposure
from indexer.world import towns
from search.query import Query
from storage.filters import Filter
from storage.library import Library
from storage.opening import CATALOG
from storage.records import PhotoRecord
from ui import compose
from ui.away_words import in_its_place
from ui.how_taken import how_taken
from ui.search_address import PAGE
from ui.settings import Settings
from ui.thumbnails import large_copy, library_thumbnail

if TYPE_CHECKING:
    from model.bridgetower import BridgeTower
    from search.engine import Engine


def open_library(settings: Settings) -> Library:
    """The library, open for reading; opened anew when another one has taken its place.

    Raises:
        StorageError: as `compose.open_library`; it is tried again at the next rerun.
    """
    try:
        catalog = (settings.library / CATALOG).stat()
    except OSError:
        return compose.open_library(settings)  # says what is the matter
    return _open(settings, (catalog.st_dev, catalog.st_ino))


@st.cache_resource(show_spinner=False)
def _open(settings: Settings, catalog: tuple[int, int]) -> Library:
    return compose.open_library(settings)


@st.cache_resource(show_spinner="Loading the model…")
def load_model(settings: Settings) -> BridgeTower:
    """The model, loaded by the first who needs it.

    Raises:
        ModelError: as `compose.load_model`.
    """
    model = compose.load_model(settings)
    # Streamlit collects garbage after every run of a page, among all that came with torch too: a third of a
    # second in which the server answers nobody. What is frozen it passes over.
    gc.freeze()
    return model


def open_engine(library: Library, model: BridgeTower) -> Engine:
    """Search over both. One for all visits, so that what the model made of a photo is made once."""
    return _engine((id(library), id(model)), library, model)


@st.cache_resource(show_spinner=False, max_entries=1)
def _engine(over: tuple[int, int], _library: Library, _model: BridgeTower) -> Engine:
    return compose.open_engine(_library, _model)


@st.cache_resource(show_spinner=False)
def open_all(settings: Settings) -> None:
    """Open all that a first search needs, where there are photos to search, and search once.

    A model's first caption takes many times as long as its next, and the index is read for the first search.
    It is cached for what it calls: inside of it `load_model` shows no spinner, which needs somebody's page.

    Raises:
        StorageError, ModelError, SearchError: as `open_library`, `load_model` and `Engine.search`.
    """
    library = open_library(settings)
    state = state_of(library)
    if has_photos(state, library):
        newest_of(Filter(), 0, PAGE, state, library)
        library.facets(Filter())  # the first count of a large library takes seconds
        towns()
        engine = open_engine(library, load_model(compose.with_its_model(settings, library)))
        engine.search(Query("a photo", k=1, rerank=False))


def state_of(library: Library) -> str:
    """What is another one as soon as anything in the library has changed, for the caches of a page.

    What is kept of photos beside the rows, as by a search, is no change.
    """
    return library.state()


@st.cache_data(show_spinner=False, max_entries=4)
def has_photos(state: str, _library: Library) -> bool:
    """Whether there is any photo to find; `state` as in `thumbnail_of`."""
    return _library.status().photos > 0


@st.cache_data(show_spinner=False, max_entries=64)
def newest_of(wanted: Filter, skip: int, count: int, state: str, _library: Library) -> list[PhotoRecord]:
    """The newest photos that the filter leaves, at most `count` after the first `skip`.

    `state` as in `thumbnail_of`.
    """
    ids = _library.newest(wanted, count, skip)
    found = _library.photos(ids)
    return [found[photo_id] for photo_id in ids if photo_id in found and found[photo_id].paths]


def thumbnail_of(
    photo_id: int, state: str, library: Library, record: PhotoRecord | None = None
) -> bytes | str:
    """The thumbnail of a photo in the library, an image file; or why there is none and what to do.

    `state` changes with the library, which leaves what was made before behind. Who has the photo's `record`
    saves its being read again.
    """
    made = _thumbnail(photo_id, state, library, record)
    if isinstance(made, bytes):
        return made
    # Not of the cache: a disk that is plugged in again changes nothing in the library.
    return in_its_place(made, library.photos([photo_id]).get(photo_id), library)


@st.cache_data(show_spinner=False, max_entries=2000)
def _thumbnail(photo_id: int, state: str, _library: Library, _record: PhotoRecord | None) -> bytes | str:
    try:
        return library_thumbnail(_record or _library.photos([photo_id])[photo_id], _library)
    except PhotoUnreadable as error:
        return error.reason
    except (OSError, KeyError):
        return "no longer there"


@st.cache_data(show_spinner=False, max_entries=32)
def large_copy_of(photo_id: int, state: str, _library: Library) -> bytes | str:
    """A large copy of a photo, a JPEG file; or why there is none. `state` as in `thumbnail_of`."""
    try:
        return large_copy(_library.photos([photo_id])[photo_id], _library)
    except PhotoUnreadable as error:
        return error.reason
    except (OSError, KeyError):
        return "no longer there"


@st.cache_data(show_spinner=False, max_entries=256)
def exposure_of(photo_id: int, state: str, _library: Library) -> Exposure:
    """How a photo was taken, as its file says, if one can be read. `state` as in `thumbnail_of`."""
    record = _library.photos([photo_id]).get(photo_id)
    return Exposure() if record is None else how_taken(record, _library)
