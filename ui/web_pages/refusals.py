"""What the layers below refuse becomes a note on the page: no stack trace, and every text escaped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from indexer.errors import IndexerError
from model.errors import ModelError
from search.errors import SearchError
from storage.errors import StorageError
from ui import gallery
from ui.errors import UiError


@contextmanager
def refusals_as_notes() -> Iterator[None]:
    """Inside, an error of ours or of the system ends what is being drawn, and is said in its place."""
    try:
        yield
    except (UiError, ModelError, StorageError, IndexerError, SearchError) as error:
        st.html(gallery.note("That did not work", str(error)))
    except OSError as error:
        said = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        st.html(gallery.note("That did not work", said))
