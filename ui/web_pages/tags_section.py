"""The words that photos have, and a way to give and to take some.

Such a write takes milliseconds, so it is no background run: the page takes the writer lock for as long.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st

from storage.library import Library
from storage.records import PhotoRecord
from storage.tags import normalised
from ui import compose, gallery
from ui.errors import UiError
from ui.render import percent
from ui.settings import Settings
from ui.visitors import ASK_THE_OWNER, may_change
from ui.web_pages.refusals import refusals_as_notes


def draw(photo: PhotoRecord, settings: Settings, library: Library) -> None:
    """The tags of one photo, to look at and to change."""
    tags = library.tags.of([photo.photo_id]).get(photo.photo_id, ())
    words = [tag.word for tag in tags]
    may = may_change()
    with st.form("tags", border=False):
        # Another key for other words: what is stored is what the box begins with.
        wanted = st.multiselect(
            "Tags",
            words,
            default=words,
            key=f"tags-{photo.photo_id}-{','.join(words)}",
            accept_new_options=True,
            placeholder="Type a word, then press Enter",
            disabled=not may,
        )
        saved = st.form_submit_button("Save the tags", icon=":material/sell:", disabled=not may)
    proposed = [f"{tag.word} {percent(tag.score)}" for tag in tags if tag.score is not None]
    if proposed:
        st.html(gallery.line(f"Proposed by the model: {', '.join(proposed)}"))
    if saved:
        with refusals_as_notes():
            kept = [normalised(word) for word in wanted]
            retag(settings, [photo.photo_id], give=set(kept) - set(words), take=set(words) - set(kept))
            st.rerun()


def retag(
    settings: Settings, photo_ids: Sequence[int], *, give: Collection[str] = (), take: Collection[str] = ()
) -> int:
    """Give words to photos and take others from them, as `bridgelens tag --add --remove` does.

    Returns:
        How many photos that was done to: all but those that were forgotten meanwhile.

    Raises:
        UiError: this visitor may not. A control that is shown as disabled does not keep anybody out.
        TagInvalid: a word is none; nothing is changed then.
        StorageError: another program is writing to the library, which the message names.
    """
    if not may_change():
        raise UiError(ASK_THE_OWNER)
    words, others = sorted(map(normalised, give)), sorted(map(normalised, take))
    if not words and not others:
        return 0
    with compose.open_library(settings, write=True) as library:
        given = [library.tags.give(photo_ids, word) for word in words]
        taken = [library.tags.take(photo_ids, word) for word in others]
    return max(given + taken)
