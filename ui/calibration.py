"""What a person or a program sees of a calibration."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.text import Text

from ui import compose, render
from ui.evaluation import StageBar, read_captions
from ui.settings import Settings
from ui.terminal import err, load_model, out

if TYPE_CHECKING:
    from search.calibrating import Measured


def run(settings: Settings, captions: Path, photos: Path | None, *, dry_run: bool, as_json: bool) -> None:
    """Calibrate, print how it did on photos kept from the fit, and keep it in the checkpoint's folder.

    Raises:
        UiError: captions or photos are not there.
        search.errors.CaptionsInvalid: there are too few of them.
        OSError: the checkpoint's folder cannot be written to; the figures are printed before.
    """
    from model.settings import write_calibration
    from search.calibrating import calibrate

    folder = read_captions(captions, photos)
    model = load_model(settings)
    with StageBar(err) as bar:
        measured = calibrate(folder, model, compose.load_photo, bar.show)
    if as_json:
        typer.echo(render.as_json(calibration_fields(measured)))
    else:
        out.print(render.facts_table(facts(measured)))
    if not dry_run:
        path = write_calibration(model.folder, measured.calibration.as_settings())
        err.print(Text(f"Calibration: {render.printable(str(path))}"), soft_wrap=True)


def facts(measured: "Measured") -> list[tuple[str, str | Text]]:
    """The figures for `render.facts_table`."""
    return [
        ("kept from the fit", f"{measured.present:,} captions whose photo was there, "
                              f"{measured.absent:,} for which nothing was"),
        ("expected calibration error", f"{measured.error:.3f}"),
        ("nothing matches below", f"{measured.calibration.threshold:.1%}"),
        ("answered, photo there", f"{measured.answered_present:.1%}"),
        ("answered, photo absent", f"{measured.answered_absent:.1%}"),
    ]  # fmt: skip


def calibration_fields(measured: "Measured") -> dict[str, Any]:
    """The JSON fields of a calibration."""
    return {**asdict(measured), "calibration": measured.calibration.as_settings()}
