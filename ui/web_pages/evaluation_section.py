"""How well search does: what the checkpoint's calibration says, and a report of `bridgelens evaluate`."""

from __future__ import annotations

import streamlit as st

from search.calibration import from_settings
from storage.library import Library
from ui import compose, gallery, markup
from ui.settings import Settings
from ui.upload_sizes import LARGEST_REPORT_MB


def draw(settings: Settings, library: Library) -> None:
    """The section."""
    chosen = compose.with_its_model(settings, library)
    calibration = from_settings(compose.calibration_of(chosen))
    if calibration is None:
        command = settings.command("calibrate captions.csv PHOTOS")
        text = f"{chosen.model} has no calibration: scores are raw, and nothing is said to match or not:"
        st.html(gallery.note("Not calibrated", text, command))
    else:
        facts = [("model", chosen.model), ("nothing matches below", f"{calibration.threshold:.1%}")]
        st.html(markup.counts(facts))
        text = "The probability of the best photo below which a search says that nothing matches."
        st.html(gallery.line(text))
    command = settings.command("evaluate captions.csv PHOTOS --report report.html")
    st.html(gallery.note("Measure it on your own photos", "With captions of them, in a terminal:", command))
    report = st.file_uploader(
        "Show a report", "html", max_upload_size=LARGEST_REPORT_MB, help="The file that --report wrote."
    )
    if report is not None:
        st.iframe(harmless(report.getvalue()), height=800)


def harmless(report: bytes) -> str:
    """A page that shows another one and lets it do nothing: no scripts, no forms, no way to this page.

    The report comes from the visitor's own disk, and not from a path that is typed here: the server would
    read whatever file a visitor names.
    """
    inner = markup.safe_attribute(report.decode("utf-8", "replace"))
    style = "border: 0; position: fixed; inset: 0; width: 100%; height: 100%"
    return f'<iframe sandbox="" title="Evaluation report" style="{style}" srcdoc="{inner}"></iframe>'
