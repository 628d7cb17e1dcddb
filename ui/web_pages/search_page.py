"""The Search page: a caption in, photos out.

The caption, the toggle and the number of results live in the URL, so a reload or a bookmark repeats the
search.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from search.query import Match, Query, Results
from storage.errors import LibraryNotFound
from storage.library import Library
from ui import compose, gallery
from ui.opened import load_model, open_library, thumbnail_of
from ui.render import RAW
from ui.settings import Settings

if TYPE_CHECKING:
    from model.bridgetower import BridgeTower

MOST_RESULTS = 60
NOTHING = "Nothing here matches"
EXAMPLES = ("a dog running on a beach", "children playing in the snow", "a man riding a bicycle")


@st.cache_data(show_spinner="Searching…", max_entries=32)
def find(caption: str, rerank: bool, state: str, _library: Library, _model: BridgeTower) -> Results:
    """The most results the page shows, so that another number of them cuts the same list elsewhere.

    `state` changes with the library, which leaves answers from before it behind.
    """
    return compose.open_engine(_library, _model).search(Query(caption, k=MOST_RESULTS, rerank=rerank))


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
        state = repr(status)
        show(find(caption, rerank, state, library, model), rerank, count, status.photos, state, library)
    else:
        offer_examples()
    if model.notice:
        st.html(gallery.line(model.notice))


def page() -> None:
    """The whole page."""
    answer(*ask())
