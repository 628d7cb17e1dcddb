"""The caption box, what it is refined with, and what is set now as chips that take it away again."""

from __future__ import annotations

import streamlit as st
from PIL import Image

from indexer.errors import PhotoUnreadable
from indexer.workers import ChildProcesses
from ui import gallery, picture_asked
from ui.markdown_text import plain
from ui.search_address import Asked
from ui.search_parts import parts
from ui.upload_sizes import LARGEST_PICTURE_MB
from ui.web_pages import live_answer
from ui.web_pages.address_bar import asked, go, show, typed

EXAMPLES = ("a dog running on a beach", "children playing in the snow", "a man riding a bicycle")
# The box has the focus when the page is opened, unless the visitor is elsewhere on it already.
_FOCUS = """
<script>
for (let tries = 0, timer = setInterval(() => {
  const box = document.querySelector('input[aria-label="Caption"]');
  if (box && (document.activeElement === document.body || !document.activeElement)) box.focus();
  if (box || ++tries > 50) clearInterval(timer);
}, 100); false;);
</script>
"""


def caption_box(now: Asked) -> None:
    """The box, which searches as one types; beside it whether to re-rank."""
    box, rerank = st.columns([6, 1.2], vertical_alignment="bottom", gap="medium")
    if (typed("caption") or "").strip() != now.caption:
        show("caption", now.caption)
    box.text_input(
        "Caption",
        key="caption",
        live="200ms",
        on_change=_caption_typed,
        placeholder="Describe the photo in a sentence",
        icon=":material/search:",
    )
    show("rerank", now.rerank)
    rerank.toggle(
        "Re-rank",
        key="rerank",
        on_change=_rerank_chosen,
        help="Judges each of the best photos together with the caption: slower, more exact.",
    )
    st.html(_FOCUS, unsafe_allow_javascript=True)


def more_words() -> Image.Image | None:
    """What the photo shows besides and must not show, a picture to search with, and folding; that picture."""
    with st.popover("Narrow it down", icon=":material/tune:"):
        st.text_input("It also shows", key="also", on_change=_added, args=("also",), placeholder="a ball")
        st.text_input(
            "It does not show", key="unwanted", on_change=_added, args=("unwanted",), placeholder="snow"
        )
        file = st.file_uploader(
            "Search with a picture",
            type=list(picture_asked.ENDINGS),
            max_upload_size=LARGEST_PICTURE_MB,
            help="Photos like it are found. It is not kept, and no part of the address.",
        )
        show("fold", asked().fold)
        st.toggle(
            "Fold versions of one photo",
            key="fold",
            on_change=_fold_chosen,
            help="Photos of a burst, or one photo in several sizes, take one place.",
        )
    if file is None:
        return None
    try:
        return _picture(file.getvalue(), file.name.rsplit(".", 1)[-1].lower())
    except PhotoUnreadable as error:
        st.html(gallery.note("That picture cannot be read", f"{file.name}: {error.reason}. Try another one."))
        return None


def chips(now: Asked) -> None:
    """What the search and the filter are made of beside the caption; a click takes one away."""
    found = list(parts(now))
    if not found:
        return
    with st.container(horizontal=True, gap="small", key="chips"):
        for number, (words, without) in enumerate(found):
            st.button(
                plain(words), key=f"chip-{number}", icon=":material/close:", on_click=go,
                args=(without,), help="Take this away",
            )  # fmt: skip
        if len(found) > 1:
            st.button("Clear all", key="chip-all", on_click=go, args=(Asked(caption=now.caption),))


def examples() -> None:
    """Captions to begin with; a click searches."""
    st.html(gallery.line("Type a caption above, or try one of these:"))
    with st.container(horizontal=True):
        for example in EXAMPLES:
            st.button(example, on_click=go, args=(Asked(caption=example),))


def _caption_typed() -> None:
    caption = (typed("caption") or "").strip()
    if caption != asked().caption:
        live_answer.stop()  # before anything is drawn: judging takes every core
        go(asked().first_page(caption=caption))


def _rerank_chosen() -> None:
    go(asked().first_page(rerank=bool(typed("rerank"))))


def _fold_chosen() -> None:
    go(asked().first_page(fold=bool(typed("fold"))))


def _added(name: str) -> None:
    """One more caption; its box is empty for the next."""
    caption = (typed(name) or "").strip()
    st.session_state[name] = ""
    before = getattr(asked(), name)
    if caption and caption not in before:
        go(asked().first_page(**{name: (*before, caption)}))


@st.cache_resource(show_spinner=False)
def _decoders() -> ChildProcesses:
    return ChildProcesses(1)


@st.cache_data(show_spinner="Reading the picture…", max_entries=4)
def _picture(file: bytes, ending: str) -> Image.Image:
    return picture_asked.picture(file, ending, _decoders())
