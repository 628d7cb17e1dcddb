"""The web page, a Streamlit script that `bridgelens web` runs anew at every interaction.

The caption, the toggle and the number of results live in the URL, so a reload or a bookmark repeats the
search. The model and the library are opened once and shared by all visits.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from indexer.errors import IndexerError, PhotoUnreadable
from model.errors import ModelError
from search.errors import SearchError
from search.query import Match, Query, Results
from storage.errors import LibraryNotFound, StorageError
from storage.library import Library
from ui import compose, gallery
from ui.errors import UiError
from ui.render import RAW
from ui.settings import Settings
from ui.thumbnails import library_thumbnail

if TYPE_CHECKING:
    from model.bridgetower import BridgeTower

MOST_RESULTS = 60
NOTHING = "Nothing here matches"
EXAMPLES = ("a dog running on a beach", "children playing in the snow", "a man riding a bicycle")


@st.cache_resource(show_spinner=False)
def open_library(settings: Settings) -> Library:
    """The library, open for reading; it sees what an index run adds meanwhile."""
    return compose.open_library(settings)


@st.cache_resource(show_spinner="Loading the model…")
def load_model(settings: Settings) -> BridgeTower:
    """The model, loaded at the first visit."""
    return compose.load_model(settings)


@st.cache_data(show_spinner="Searching…", max_entries=32)
def find(caption: str, rerank: bool, state: str, _library: Library, _model: BridgeTower) -> Results:
    """The most results the page shows, so that another number of them cuts the same list elsewhere.

    `state` changes with the library, which leaves answers from before it behind.
    """
    return compose.open_engine(_library, _model).search(Query(caption, k=MOST_RESULTS, rerank=rerank))


@st.cache_data(show_spinner=False, max_entries=2000)
def thumbnail_of(photo_id: int, state: str, _library: Library) -> bytes | str:
    """The thumbnail of a photo in the library, or why there is none."""
    try:
        return library_thumbnail(_library.photos([photo_id])[photo_id], _library)
    except PhotoUnreadable as error:
        return error.reason
    except (OSError, KeyError):
        return "no longer there"


def ask() -> tuple[str, bool, int]:
    """The caption, whether to re-rank, and how many results, as typed or as the URL has them."""
    caption_column, rerank_column, count_column = st.columns(
        [6, 1.3, 2], vertical_alignment="bottom", gap="medium"
    )
    caption = caption_column.text_input(
        "Caption",
        key="q",
        bind="query-params",
        placeholder="Describe the photo in a sentence, then press Enter",
        icon=":material/search:",
    )
    rerank = rerank_column.toggle(
        "Re-rank",
        value=True,
        key="rerank",
        bind="query-params",
        help="Judges each of the best photos together with the caption: slower, more exact.",
    )
    count = count_column.slider("Results", 1, MOST_RESULTS, value=12, key="k", bind="query-params")
    return (caption or "").strip(), rerank, int(count)


def offer_examples() -> None:
    """Captions to begin with; a click searches."""

    def choose(caption: str) -> None:
        st.session_state["q"] = caption

    st.html(gallery.line("Type a caption above, or try one of these:"))
    with st.container(horizontal=True):
        for example in EXAMPLES:
            st.button(example, on_click=choose, args=(example,))


def show(results: Results, rerank: bool, count: int, photos: int, state: str, library: Library) -> None:
    """The photos, and one line about how they were found."""

    def picture(match: Match) -> bytes | str:
        return thumbnail_of(match.photo_id, state, library)

    shown = results.matches[:count]
    seconds = sum(results.seconds.values())
    facts = f"{len(shown):,} of {photos:,} photos, best first · {seconds:.2f} s · {results.model_name}"
    if results.truncated_caption:
        facts += " · the caption is longer than the model reads; its end was left out"
    st.html(gallery.line(facts))
    if results.nothing_matches:
        st.html(gallery.note(NOTHING, "Below are the nearest photos. Other words may find it."))
    if not results.calibrated and rerank:
        st.html(gallery.line(RAW))
    st.html(gallery.photos(shown, picture))


def answer(caption: str, rerank: bool, count: int) -> None:
    """Whatever belongs under the caption box."""
    settings = Settings.load()
    index = settings.command("index FOLDER")
    try:
        library = open_library(settings)
    except LibraryNotFound:
        st.html(gallery.note("No library yet", "Index a folder of photos, then reload this page:", index))
        return
    status = library.status()
    if not status.photos:
        st.html(
            gallery.note("The library is empty", "Index a folder of photos, then reload this page:", index)
        )
        return
    model = load_model(compose.with_its_model(settings, library))
    if caption:
        # Not what searching itself changes: the answers would be of a state of before.
        state = repr(replace(status, size_bytes=0, thumbnail_bytes=0, pixel_bytes=0))
        show(find(caption, rerank, state, library, model), rerank, count, status.photos, state, library)
    else:
        offer_examples()
    if model.notice:
        st.html(gallery.line(model.notice))


def page() -> None:
    """The whole page; what is refused below becomes a note on it."""
    st.set_page_config(page_title="bridgelens", page_icon=gallery.icon(), layout="wide")
    st.html(gallery.STYLE)
    st.html(gallery.TITLE)
    query = ask()
    try:
        answer(*query)
    except (UiError, ModelError, StorageError, IndexerError, SearchError, OSError) as error:
        st.html(gallery.note("That did not work", str(error)))


page()
