"""What can be done with photos that were marked in a list: take them along in a file, give them a word."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from storage.library import Library
from ui import compose, gallery, render
from ui.errors import UiError
from ui.export_forms import Forms, export
from ui.exported import ExportedPhoto, Problem
from ui.settings import Settings
from ui.thumbnails import paths_to_show
from ui.visitors import may_change
from ui.web_pages.refusals import refusals_as_notes
from ui.web_pages.tags_section import retag

MOST_PHOTOS = 500
MOST_BYTES = 500_000_000
"""Of originals in a ZIP: the server has it in memory until it is fetched."""
ZIP, TABLE, SHEET = "Originals (ZIP)", "Table (CSV)", "Contact sheet (PDF)"
NAMES = {ZIP: "photos.zip", TABLE: "photos.csv", SHEET: "photos.pdf"}
MIMES = {ZIP: "application/zip", TABLE: "text/csv", SHEET: "application/pdf"}


@dataclass(frozen=True, slots=True)
class Export:
    """A file that was made of marked photos, and what is not in it."""

    form: str
    photo_ids: tuple[int, ...]
    content: bytes
    problems: tuple[Problem, ...]


def selection_bar(photo_ids: Sequence[int], settings: Settings, library: Library) -> None:
    """What can be done with these photos, in their order; nothing is drawn where there are none.

    Ids that the library does not know are left out and said. What is refused is a note.
    """
    if not photo_ids:
        return
    marked = tuple(dict.fromkeys(map(int, photo_ids)))
    with st.container(border=True, key="selection"), refusals_as_notes():
        st.html(gallery.line(f"{len(marked):,} {'photo' if len(marked) == 1 else 'photos'} marked"))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            form = st.selectbox("Take them along as", list(NAMES), width=220, key="selection-form")
            if st.button("Make the file", icon=":material/inventory_2:"):
                st.session_state["selection-export"] = None  # the one before need not be in memory too
                with st.spinner("Making the file…"):
                    st.session_state["selection-export"] = make(form, marked, library)
        made = st.session_state.get("selection-export")
        if made is not None and (made.form, made.photo_ids) == (form, marked):
            _offer(made)
        _tag(marked, settings)


def make(form: str, photo_ids: Sequence[int], library: Library) -> Export:
    """One form of an export; what cannot be read is told, and all else is in it.

    Raises:
        UiError: there are too many photos for a page, or nothing could be made.
    """
    photos, problems = marked_photos(photo_ids, library)
    size = sum(photo.record.size for photo in photos)
    if len(photo_ids) > MOST_PHOTOS or (form == ZIP and size > MOST_BYTES):
        raise UiError(
            f"{len(photo_ids):,} photos of {render.human_size(size)} are more than a page hands out at once, "
            f"{MOST_PHOTOS:,} and {render.human_size(MOST_BYTES)}; mark fewer, or use bridgelens export"
        )
    if not photos:
        raise UiError("none of the marked photos has a file that can be read now")
    with tempfile.TemporaryDirectory(prefix="bridgelens-") as folder:
        file = Path(folder) / NAMES[form]
        forms = {
            ZIP: Forms(zip=file, numbered=True), TABLE: Forms(csv=file), SHEET: Forms(contact_sheet=file)
        }  # fmt: skip
        for part in export(photos, forms[form], compose.load_small):
            problems += part.problems
            if part.photos is None:
                raise UiError(f"the file could not be made: {part.problems[0].reason}")
        return Export(form, tuple(photo_ids), file.read_bytes(), tuple(problems))


def marked_photos(photo_ids: Sequence[int], library: Library) -> tuple[list[ExportedPhoto], list[Problem]]:
    """The photos with a file under a root of the library, in this order, and those without one."""
    records = library.photos(photo_ids)
    photos, problems = [], []
    for photo_id in photo_ids:
        record = records.get(photo_id)
        if record is None:
            problems.append(Problem(f"photo {photo_id}", "the library does not know it any more"))
            continue
        try:
            photos.append(ExportedPhoto(record, paths_to_show(record, library)[0]))
        except FileNotFoundError as error:
            name = record.paths[0] if record.paths else f"photo {photo_id}"
            problems.append(Problem(name, str(error)))
    return photos, problems


def _offer(made: Export) -> None:
    st.download_button(
        f"Download {NAMES[made.form]}",
        made.content,
        NAMES[made.form],
        MIMES[made.form],
        icon=":material/download:",
        on_click="ignore",
    )
    if made.problems:
        lacking = "; ".join(f"{os.path.basename(each.path)}: {each.reason}" for each in made.problems)
        st.html(gallery.note("Not in it", lacking))


def _tag(photo_ids: Sequence[int], settings: Settings) -> None:
    may = may_change()
    with st.form("selection-tag", border=False, clear_on_submit=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            word = st.text_input("Give them a tag", width=220, disabled=not may, key="selection-word")
            pressed = st.form_submit_button("Tag them", icon=":material/sell:", disabled=not may)
    if pressed and word:
        tagged = retag(settings, photo_ids, give=[word])
        st.html(gallery.line(_tagged_words(word, tagged, len(photo_ids) - tagged)))


def _tagged_words(word: str, tagged: int, unknown: int) -> str:
    """How many photos have a tag now, and how many could not get it because the library forgot them."""
    said = f"{tagged:,} {'photo has' if tagged == 1 else 'photos have'} the tag {word} now."
    if not unknown:
        return said
    return f"{said} The library does not know {unknown:,} of the marked ones any more."
