"""Why a photo matches a caption: what each word adds, where in the photo, and what a blank is filled with."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import streamlit as st

from search.evidence import Evidence, explain
from storage.library import Library
from storage.records import PhotoRecord
from ui import compose, gallery, large_photo
from ui.bars import Bar, bars
from ui.errors import UiError
from ui.heat_map import ILLUSTRATIVE, is_illustrative, with_heat_map
from ui.opened import load_model
from ui.render import percent
from ui.settings import Settings
from ui.thumbnails import paths_to_show

if TYPE_CHECKING:
    from PIL import Image

    from model.bridgetower import BridgeTower

BLANK = "<mask>"
MOST_FILLINGS = 8


def draw(photo: PhotoRecord, caption: str, settings: Settings, library: Library) -> None:
    """The section; nothing is computed before a button is pressed."""
    st.subheader("Why it matches")
    asked = _ask("explained", photo.photo_id, "Caption to explain", caption, "Explain the match")
    if asked:
        model = load_model(compose.with_its_model(settings, library))
        evidence, picture = _explain(photo.photo_id, asked, model.fingerprint, library, model)
        _words(evidence)
        name = os.path.basename(photo.paths[0])
        st.html(large_photo.picture(picture, f"{name}, with where its match comes from", photo))
        if is_illustrative(model):
            st.html(gallery.line(ILLUSTRATIVE))
    st.subheader("Fill in the blank")
    gapped = _ask("filled", photo.photo_id, f"Sentence with {BLANK}", f"a photo of a {BLANK}", "Fill it in")
    if gapped:
        model = load_model(compose.with_its_model(settings, library))
        found = _fill(photo.photo_id, gapped, model.fingerprint, library, model)
        st.html(bars("Words for the blank", [Bar(word, chance, percent(chance)) for word, chance in found]))


def _ask(name: str, photo_id: int, label: str, text: str, button: str) -> str:
    """What was typed when the button was pressed for this photo; empty before."""
    with st.form(name, border=False):
        typing, pressing = st.columns([5, 1.6], vertical_alignment="bottom")
        typed = typing.text_input(label, value=text, key=f"{name}-text")
        if pressing.form_submit_button(button):
            st.session_state[f"{name}-for"] = photo_id, (typed or "").strip()
    asked_of, asked = st.session_state.get(f"{name}-for", (None, ""))
    return str(asked) if asked_of == photo_id else ""


def _words(evidence: Evidence) -> None:
    whole = f"The whole caption: {percent(evidence.probability)} by the model's own ITM"
    alone = "" if evidence.words else "; one word alone has nothing to be set against"
    st.html(gallery.line(whole + alone))
    longest = max((abs(word.log_odds_change) for word in evidence.words), default=0.0) or 1.0
    st.html(
        bars(
            "What each word adds to the match, in log-odds",
            [
                Bar(word.word, word.log_odds_change / longest, f"{word.log_odds_change:+.1f}")
                for word in evidence.words
            ],
        )
    )


@st.cache_data(show_spinner="Leaving out one word after the other…", max_entries=16)
def _explain(
    photo_id: int, caption: str, fingerprint: str, _library: Library, _model: BridgeTower
) -> tuple[Evidence, bytes]:
    """What each word adds, and the photo with its heat map, a JPEG file."""
    image = _decoded(photo_id, _library)
    evidence = explain(_model, image, caption)
    stream = io.BytesIO()
    with_heat_map(_model, image, evidence.caption).save(stream, "JPEG", quality=85)
    return evidence, stream.getvalue()


@st.cache_data(show_spinner="Filling in…", max_entries=64)
def _fill(
    photo_id: int, gapped: str, fingerprint: str, _library: Library, _model: BridgeTower
) -> list[tuple[str, float]]:
    """The likeliest words for the blank, and their probabilities, best first."""
    if gapped.count(BLANK) != 1:
        raise UiError(f"the sentence needs {BLANK} once, in place of the word to find: a photo of a {BLANK}")
    pixels = _model.preprocessor(_decoded(photo_id, _library))
    return [(each.word, each.probability) for each in _model.fill_mask(pixels, gapped, k=MOST_FILLINGS)]


def _decoded(photo_id: int, library: Library) -> Image.Image:
    """The whole photo, upright RGB, as `bridgelens explain` takes it."""
    return compose.decode_first(paths_to_show(library.photos([photo_id])[photo_id], library)).photo
