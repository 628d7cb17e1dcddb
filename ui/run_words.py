"""What the web page says of a background run: what it does, how far it is, how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from storage.pruning import Pruned
from ui.away_words import away
from ui.background import BackgroundRun
from ui.indexing import duration, pace_text
from ui.pruning import words

_INDEXED = (
    ("added", "new photos"),
    ("changed", "files with new content"),
    ("moved", "found in a new place"),
    ("copies", "further files of the same photo"),
    ("unchanged", "as they were"),
    ("missing", "no longer there"),
    ("failed", "could not be read"),
)
_RETRIED = (
    ("indexed", "indexed now"),
    ("gone", "no longer there, and forgotten"),
    ("offline", "in folders that are not there now"),
    ("failed", "still cannot be read"),
)


def doing(command: tuple[str, ...]) -> str:
    """What a command does, as a heading."""
    name, *arguments = command
    plain = [argument for argument in arguments if not argument.startswith("-")]
    if name == "index":
        return f"Looking through {', '.join(plain) or 'all folders'}"
    if name == "reindex":
        models = [each.partition("=")[2] for each in arguments if each.startswith("--model=")]
        return f"Embedding every photo with {', '.join(models)}"
    headings = {
        "failures": "Trying again what could not be read",
        "prune": "Forgetting missing files",
        "rollback": "Going back to the model before",
    }
    return headings.get(name, name)


def how_far(run: BackgroundRun) -> tuple[float, str]:
    """How much of the run is done, 0 to 1, and the words for it."""
    progress = run.progress
    if progress is None:
        return 0.0, "Starting"
    if progress.total is None:
        return 0.0, "Looking for photos"
    done = progress.done / progress.total if progress.total else 1.0
    pace = pace_text(progress.photos_per_second, progress.seconds_left, progress.failed)
    parts = [f"{progress.done:,} of {progress.total:,} files", pace]
    return min(done, 1.0), ", ".join(part for part in parts if part)


def outcome(run: BackgroundRun) -> tuple[str, str]:
    """How a run ended: a heading, and what came of it or what to do."""
    if run.state == "done":
        return "Done", _done(run.command[0], run.result)
    if run.state == "paused":
        return "Paused", "What was finished is kept, and nothing of it is done again."
    if run.state == "stopped":
        return "Stopped", "What was finished is kept. Run it again to go on from there."
    if run.state == "refused":
        return "That did not work", run.message.removeprefix("error: ")
    if run.state == "incomplete":
        left = sum(run.result.get("lacking", {}).values())
        return "The model was not changed", (
            f"{left:,} photos could not be embedded by the new model, so no search with it would find them. "
            "Look through all folders first, or change over all the same."
        )
    last = run.message.splitlines()[-1:]
    return "The run ended before its time", " ".join(
        ["What was finished is kept. Run it again to go on from there.", *last]
    )


def again(run: BackgroundRun) -> str | None:
    """What the button says that starts the same run again; None where there is nothing to start again."""
    if run.state == "paused":
        return "Go on"
    return "Run it again" if run.state in ("stopped", "died", "refused") else None


def _done(name: str, result: Mapping[str, Any]) -> str:
    try:
        return _what_came_of_it(name, result)
    except (KeyError, TypeError, ValueError, AttributeError):  # it lies in a file, which may hold anything
        return "What came of it cannot be read any more; the library has it all the same."


def _what_came_of_it(name: str, result: Mapping[str, Any]) -> str:
    if name == "index":
        took = f" in {duration(result['seconds'])}" if "seconds" in result else ""
        offline = "".join(f" {away(folder)}: is its disk plugged in?" for folder in result["offline"])
        return f"{_counts(_INDEXED, result)}{took}.{offline}"
    if name == "failures":
        return f"{_counts(_RETRIED, result) or 'Nothing to try again'}."
    if name == "prune":
        return f"{words(Pruned(result['files'], result['photos']))} forgotten."
    model = (result["active_model"] or {}).get("name", "no model")
    embedded = f"{result['embedded']:,} photos embedded. " if "embedded" in result else ""
    return f"{embedded}The library is searched with {model} now."


def _counts(names: tuple[tuple[str, str], ...], result: Mapping[str, Any]) -> str:
    return ", ".join(f"{result[name]:,} {words}" for name, words in names if result.get(name))
