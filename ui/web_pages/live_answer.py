"""The answer to a search while it is found: FAISS's photos at once, then in the order that judging gives."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st
from PIL import Image
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import StopException

from search.calibration import from_settings
from search.query import Match, Query, Results
from storage.library import Library
from ui import gallery, match_words, tile_grid
from ui.errors import UiError
from ui.live_search import LiveSearch
from ui.opened import open_engine
from ui.render import RAW
from ui.search_address import Asked, as_query
from ui.settled_order import settled
from ui.web_pages import marked_photos, photo_tiles

if TYPE_CHECKING:
    from model.bridgetower import BridgeTower

POLL_S = 0.05
FIRST_S = 0.2
"""Seconds that the rest of the page waits for the first photos."""
NOTHING = "Nothing here matches"
_ANSWERS = 32
_RUNNING = "live-search"


@dataclass(frozen=True)
class Page:
    """What an answer is drawn with."""

    now: Asked
    threshold: float | None
    photos: Callable[[], int]
    state: str
    library: Library
    selecting: bool = False


class LatestAnswers:
    """The last searches that came to their end, for a reload and the way back; safe to share."""

    def __init__(self, most: int = _ANSWERS) -> None:
        """Keep so many."""
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Results] = OrderedDict()

    def get(self, key: str) -> Results | None:
        """The answer to a search, None if it is not there."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def keep(self, key: str, results: Results) -> None:
        """Keep an answer in the place of the oldest."""
        with self._lock:
            self._kept[key] = results
            self._kept.move_to_end(key)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)


@st.cache_resource(show_spinner=False)
def _answers() -> LatestAnswers:
    return LatestAnswers()


def draw(page: Page, model: BridgeTower, picture: Image.Image | None, rest: Callable[[], None]) -> None:
    """Search, and show what is known until all is.

    `rest` draws what else is on the page: after the first answer, or sooner where that takes long.
    """
    answer = st.container()
    spots: Sequence[DeltaGenerator] = (answer, answer)
    left = [rest]

    def draw_rest() -> None:
        while left:
            left.pop()()

    shown: tuple[int, ...] = ()
    try:
        query = as_query(page.now, _resembled(page, picture))
        key = f"{page.state} {model.fingerprint} {_words(query)}"
        for results, ended in _as_found(key, query, page.library, model):
            if results is not None:
                matches = list(results.matches) if ended else settled(shown, results.matches)
                shown = tuple(match.photo_id for match in matches)
                spots = _show(page, results, matches[: page.now.count], ended, spots)
            draw_rest()
    except Exception:
        draw_rest()  # a filter that is the matter can be taken away
        raise


def _as_found(
    key: str, query: Query, library: Library, model: BridgeTower
) -> Iterator[tuple[Results | None, bool]]:
    """Each answer, and whether it is the last; None while there is none.

    The search that this visitor had before is stopped.
    """
    kept = _answers().get(key)
    running: tuple[str, LiveSearch] | None = st.session_state.get(_RUNNING)
    if running is not None and (kept is not None or running[0] != key or not running[1].is_of_use):
        running[1].stop()
        running = None
    if kept is not None:
        yield kept, True
        return
    live, seen = running[1] if running is not None else _start(key, query, library, model), 0
    patience = FIRST_S
    while True:
        now, patience = live.wait(seen, patience), POLL_S
        if now.stopped:  # this page did not look for so long that it seemed closed: its answer is half judged
            live, seen = _start(key, query, library, model), 0
            continue
        if now.results is not None and (now.answers > seen or now.ended):
            if now.ended:
                _answers().keep(key, now.results)
            yield now.results, now.ended
        elif now.results is None:
            yield None, False
        if now.ended:
            return
        seen = now.answers
        try:
            st.session_state.get(_RUNNING)  # where Streamlit ends this run for the next one
        except StopException:  # the page was closed: nobody will ask again
            live.stop()
            raise


def stop() -> None:
    """Stop the search that this visitor had, as nothing is looked for any more."""
    running: tuple[str, LiveSearch] | None = st.session_state.get(_RUNNING)
    if running is not None:
        running[1].stop()


def _start(key: str, query: Query, library: Library, model: BridgeTower) -> LiveSearch:
    """A search that this visitor's next run of the page finds again by its key."""
    engine = open_engine(library, model)
    live = LiveSearch(lambda: engine.refine(query))
    st.session_state[_RUNNING] = key, live
    return live


def _show(
    page: Page, results: Results, matches: list[Match], ended: bool, spots: Sequence[DeltaGenerator]
) -> Sequence[DeltaGenerator]:
    """Draw words and photos at the spots for them; the spots that they have then.

    At first both are the container of the answer, which nothing empties: what was found before stays.
    """
    threshold = page.threshold if results.calibrated else None
    whole = not isinstance(results.query.like, Image.Image)
    words = "".join(_head(page, results, len(matches), ended))
    tiles = photo_tiles.matched(matches, page.now, threshold, page.state, page.library, whole)
    below = first_below(matches, threshold) if ended and not results.nothing_matches else None
    over, place = spots
    over = over.html(words)
    if ended and page.selecting:
        with place.container():
            marked_photos.draw(tiles, [match.photo_id for match in matches])
        return over, place
    return over, place.html(tile_grid.grid(tiles, "Weak matches and photos that were not judged", below))


def first_below(matches: list[Match], threshold: float | None) -> int | None:
    """The place from which on no photo reaches the threshold; None if it is the first one, or none."""
    if threshold is None:
        return None
    good = [place for place, match in enumerate(matches) if (match.probability or 0.0) >= threshold]
    return good[-1] + 1 if good and good[-1] + 1 < len(matches) else None


def _head(page: Page, results: Results, count: int, ended: bool) -> Iterator[str]:
    """What is said over the photos."""
    if not ended and results.to_judge:
        yield gallery.badge(f"re-ranking {results.judged:,} of {results.to_judge:,}")
    seconds = sum(results.seconds.values())
    of_all = f" of {page.photos():,}" if ended else ""  # not counted before there is an answer
    facts = f"{count:,}{of_all} photos, best first · {seconds:.2f} s · {results.model_name}"
    if results.truncated_caption:
        facts += " · the caption is longer than the model reads; its end was left out"
    yield gallery.line(facts)
    if not results.matches:
        yield gallery.note("No photo fits the filters", "Take one of them away.")
    elif results.nothing_matches:
        yield gallery.note(NOTHING, "Below are the nearest photos. Other words may find it.")
        yield gallery.line("The nearest photos:")
    if results.calibrated and page.threshold is not None:
        yield gallery.line(match_words.legend(page.threshold))
    elif any(match.probability is not None for match in results.matches):
        yield gallery.line(RAW)


def threshold_of(model: BridgeTower) -> float | None:
    """The probability below which nothing matches; None without a calibration."""
    calibration = from_settings(model.calibration)
    return None if calibration is None else calibration.threshold


def _resembled(page: Page, picture: Image.Image | None) -> Image.Image | str | None:
    """The picture that was dropped in, else the path of the photo that the address names.

    Raises:
        UiError: the library has no such photo.
    """
    if picture is not None or page.now.like is None:
        return picture
    photo = page.library.photos([page.now.like]).get(page.now.like)
    if photo is None or not photo.paths:
        raise UiError(
            f"photo {page.now.like} is not in this library any more; take “like photo {page.now.like}” away"
        )
    return photo.paths[0]


def _words(query: Query) -> str:
    """What tells one query from another."""
    if not isinstance(query.like, Image.Image):
        return repr(query)
    pixels = hashlib.blake2b(query.like.tobytes(), digest_size=16).hexdigest()
    return f"{replace(query, like=None)!r} {query.like.size} {pixels}"
