"""What a person or a program sees of an evaluation: progress while it runs, tables and JSON at the end."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from ui import compose, render
from ui.errors import UiError
from ui.settings import Settings
from ui.terminal import err, load_model, out, warn

if TYPE_CHECKING:
    from model.bridgetower import BridgeTower
    from search.captions import CaptionedFolder
    from search.evaluation import BestProbability, Calibrated, Evaluation, Figures

SKIPPED_SHOWN = 5
HEADINGS = {"recall@1": "R@1", "recall@5": "R@5", "recall@10": "R@10", "mrr": "MRR", "median_rank": "median"}


class StageBar:
    """A progress bar on `console` for a run of several stages; a context manager."""

    def __init__(self, console: Console) -> None:
        """Prepare the bar; entering the context shows it."""
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
                   TimeRemainingColumn())  # fmt: skip
        self._bar = Bar(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._stage = ""
        self._task = self._bar.add_task(self._stage, total=None)

    def __enter__(self) -> "StageBar":
        """Show the bar."""
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the bar away."""
        self._bar.stop()

    def show(self, stage: str, done: int, total: int | None) -> None:
        """Move the bar to where the run is now; each stage begins a bar of its own."""
        if stage != self._stage:
            self._stage = stage
            self._bar.reset(self._task, description=stage, total=total)
        self._bar.update(self._task, completed=done, total=total)


def run(
    settings: Settings, captions: Path, photos: Path | None, shortlists: Sequence[str], queries: int,
    report: Path | None, *, as_json: bool,
) -> None:  # fmt: skip
    """Evaluate, print the figures, and write the report.

    Raises:
        UiError: the flags do not make a run, or the report cannot be written; then the figures are printed.
    """
    from search.evaluation import Plan, check, evaluate
    from ui.report import refuse_no_place, report_page, write_report

    plan = Plan(shortlists=sizes(shortlists), queries=queries)
    check(plan)
    if report is not None:
        refuse_no_place(report)  # before the long run
    folder = read_captions(captions, photos)
    model = load_model(settings)
    with StageBar(err) as bar:
        found = evaluate(
            folder, model, compose.load_photo, plan, on_progress=bar.show, best_probability=calibrated(model)
        )
    for line in remarks(found):
        warn(line)
    if as_json:
        typer.echo(render.as_json(evaluation_fields(found)))
    else:
        out.print(figures_table(found))
        out.print(Text("\n".join(facts(found))), soft_wrap=True)
    if report is not None:
        write_report(report, report_page(found, compose.load_photo))
        err.print(Text(f"Report: {render.printable(str(report))}"), soft_wrap=True)


def calibrated(model: "BridgeTower") -> "BestProbability | None":
    """The probability of the first photo by the checkpoint's calibration; None if it has none."""
    from search.calibration import from_settings

    calibration = from_settings(model.calibration)
    if calibration is None:
        return None
    return lambda similarities, log_odds: float(calibration.probabilities(similarities, log_odds)[0])


def sizes(typed: Iterable[str]) -> tuple[int, ...]:
    """The shortlist sizes of `8,16` or of several such, ascending, each once.

    Raises:
        UiError: one is no whole number.
    """
    words = [word.strip() for part in typed for word in part.split(",") if word.strip()]
    try:
        return tuple(sorted({int(word) for word in words}))
    except ValueError:
        raise UiError(
            f"--shortlist {','.join(words)}: expected whole numbers, such as --shortlist 8,32,100"
        ) from None


def read_captions(captions: Path, photos: Path | None) -> "CaptionedFolder":
    """Captions from a CSV file and a folder of photos, or from text files beside them or in another folder.

    Raises:
        UiError: one is not there, or a CSV file comes without its folder of photos.
        search.errors.CaptionsInvalid: they are no captions.
    """
    from indexer.scan import PHOTO_SUFFIXES
    from search.captions import read_csv, read_sidecars

    if not captions.exists():
        raise UiError(
            f"{captions}: expected a CSV file or a folder, found none; "
            "run: bridgelens evaluate CAPTIONS.csv PHOTOS/"
        )
    if photos is None and not captions.is_dir():
        raise UiError(
            f"{captions} is a file, and the folder of its photos is not named; "
            f"run: bridgelens evaluate {captions} PHOTOS/"
        )
    folder = photos or captions
    if not folder.is_dir():
        raise UiError(
            f"{folder}: expected a folder of photos, found none; "
            f"run: bridgelens evaluate {captions} PHOTOS/ with the folder that holds them"
        )
    if captions.is_dir():
        return read_sidecars(captions, folder, PHOTO_SUFFIXES)
    return read_csv(captions, folder)


def figures_table(found: "Evaluation") -> Table:
    """One row a way of ranking: each figure with its interval below it; 80 columns hold it."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("ranked by")
    for heading in (*HEADINGS.values(), "s/query"):
        table.add_column(heading, justify="right", no_wrap=True)
    for way, captions, figures in ways(found):
        cells = [Text.assemble(value, "\n", (between, "dim")) for value, between in figure_texts(figures)]
        table.add_row(Text.assemble(way, "\n", (captions, "dim")), *cells, f"{figures.seconds_per_query:.3f}")
    return table


def ways(found: "Evaluation") -> "list[tuple[str, str, Figures]]":
    """Every way of ranking: its name, of which captions, and its figures."""
    asked = found.contrastive_sample
    rows = [("similarity", f"{found.captions:,} captions", found.contrastive)]
    if asked.queries < found.captions:
        rows.append(("similarity", f"{asked.queries:,} of them", asked))
    again = f"the same {asked.queries:,}"
    return rows + [(f"re-ranked {size}", again, figures) for size, figures in found.shortlists.items()]


def figure_texts(figures: "Figures") -> Iterable[tuple[str, str]]:
    """Each figure of `HEADINGS` and its interval, with the digits that count."""
    forms = {"mrr": (".3f", ".2f"), "median_rank": ("g", "g")}
    for name in HEADINGS:
        form, rough = forms.get(name, (".1f", ".0f"))
        low, high = figures.intervals[name]
        yield format(figures.summary[name], form), f"{low:{rough}}–{high:{rough}}"


def facts(found: "Evaluation") -> list[str]:
    """What there is to say beside the table, a line each."""
    lines = [f"{found.photos:,} photos, {found.captions:,} captions, model {found.model_name}; "
             "below each figure its bootstrap 95% interval"]  # fmt: skip
    if found.shortlists:
        lines.append("s/query of a re-rank is with the photos' tower states in hand; "
                     f"a photo without them takes {found.seconds_per_photo:.3f} s more")  # fmt: skip
    if found.calibration is not None:
        lines.append(calibration_line(found.calibration))
    return lines


def calibration_line(calibrated: "Calibrated") -> str:
    """How far the probability of first photos is from how often they are the right ones."""
    return (
        f"expected calibration error of the first photo: {calibrated.error:.3f} "
        f"({calibrated.probability}, {calibrated.queries:,} captions)"
    )


def remarks(found: "Evaluation") -> list[str]:
    """What was left out, a line each."""
    lines = [f"skipped {each.path}: {each.reason}" for each in found.skipped[:SKIPPED_SHOWN]]
    if len(found.skipped) > SKIPPED_SHOWN:
        lines.append(f"{len(found.skipped):,} skipped in all; --json and --report list them.")
    if found.truncated_captions:
        lines.append(f"{found.truncated_captions:,} captions are longer than the model reads; "
                     "their ends were left out.")  # fmt: skip
    if not found.shortlists:
        lines.append(f"checkpoint {found.model_name!r} has no trained image-text-matching head: "
                     "nothing was re-ranked; --model mini or large has one.")  # fmt: skip
    return lines


def evaluation_fields(found: "Evaluation") -> dict[str, Any]:
    """The JSON fields of a run; `reranked` is the longest shortlist, null where nothing was re-ranked."""
    shortlists = {str(size): _fields(figures) for size, figures in found.shortlists.items()}
    return {
        "model": {"name": found.model_name, "fingerprint": found.fingerprint},
        "photos": found.photos,
        "captions": found.captions,
        "truncated_captions": found.truncated_captions,
        "skipped": [asdict(each) for each in found.skipped],
        "contrastive": _fields(found.contrastive),
        "contrastive_sample": _fields(found.contrastive_sample),
        "reranked": list(shortlists.values())[-1] if shortlists else None,
        "shortlists": shortlists,
        "seconds_per_photo": found.seconds_per_photo,
        "calibration": None if found.calibration is None else asdict(found.calibration),
        "misses": [asdict(each) for each in found.misses],
    }


def _fields(figures: "Figures") -> dict[str, Any]:
    return {**figures.summary, "intervals": figures.intervals, "queries": figures.queries,
            "seconds_per_query": figures.seconds_per_query}  # fmt: skip
