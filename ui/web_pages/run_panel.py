"""The background run on the page: how far it is, a way to stop it, how it ended. It looks again by itself."""

from __future__ import annotations

import streamlit as st

from ui import background, gallery, run_words
from ui.background import BackgroundRun
from ui.errors import UiError
from ui.settings import Settings
from ui.visitors import ASK_THE_OWNER, may_change
from ui.web_pages.refusals import refusals_as_notes

LOOK_S, IDLE_LOOK_S = 1.0, 5.0
"""Seconds between two looks: while a run goes on, and while another visitor may start one."""


def start_run(settings: Settings, *command: str) -> None:
    """Start a run, or join the one that goes on, and draw the page again.

    Raises:
        UiError: this visitor may not. A control that is shown as disabled does not keep anybody out.
        OSError: the library folder cannot be written to.
    """
    if not may_change():
        raise UiError(ASK_THE_OWNER)
    background.start(settings, *command)
    st.rerun()


def is_busy(settings: Settings) -> bool:
    """Whether a run goes on, so that no other can be started."""
    run = background.current(settings.library)
    return run is not None and run.going_on


def draw(settings: Settings) -> None:
    """The run that goes on, or the one that ended last; nothing before the first."""
    busy = is_busy(settings)
    st.fragment(_look, run_every=LOOK_S if busy else IDLE_LOOK_S)(settings, busy)


def _look(settings: Settings, busy: bool) -> None:
    with refusals_as_notes():
        run = background.current(settings.library)
        if (run is not None and run.going_on) != busy:
            st.rerun()  # the rest of the page shows what the run has changed
        if run is None:
            return
        with st.container(border=True, key="run"):
            if run.going_on:
                _going_on(settings, run)
            else:
                _ended(settings, run)


def _going_on(settings: Settings, run: BackgroundRun) -> None:
    done, words = run_words.how_far(run)
    st.html(gallery.line(run_words.doing(run.command)))
    st.progress(done, text="Finishing the batch in hand" if run.state == "stopping" else words)
    if st.button(
        "Pause after the batch in hand",
        icon=":material/pause:",
        disabled=run.state == "stopping" or not may_change(),
        help="What is finished is kept, and the run can be taken up again. It goes on without this tab.",
    ):
        if not may_change():
            raise UiError(ASK_THE_OWNER)
        background.stop(settings.library)
        st.rerun()


def _ended(settings: Settings, run: BackgroundRun) -> None:
    heading, text = run_words.outcome(run)
    st.html(gallery.note(f"{run_words.doing(run.command)}: {heading.lower()}", text))
    again = run_words.again(run)
    if again is not None and st.button(again, icon=":material/play_arrow:", disabled=not may_change()):
        start_run(settings, *run.command)
    if run.state == "incomplete" and st.button("Change over all the same", disabled=not may_change()):
        start_run(settings, *run.command, "--yes")
