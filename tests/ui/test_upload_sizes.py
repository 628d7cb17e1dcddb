"""How large a file the page takes."""

from __future__ import annotations

from ui.serve import streamlit_options
from ui.upload_sizes import LARGEST_MB, LARGEST_PICTURE_MB, LARGEST_REPORT_MB


def test_the_server_takes_what_a_control_offers_and_no_more() -> None:
    assert (LARGEST_PICTURE_MB, LARGEST_REPORT_MB, LARGEST_MB) == (40, 50, 50)
    assert streamlit_options(9000)["server.maxUploadSize"] == 50
