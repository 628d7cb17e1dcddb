"""The commands that measure a model on photos whose captions are known: `evaluate` and `calibrate`."""

import typer

from ui import flags
from ui.flags import examples
from ui.settings import Settings


def add_commands(app: typer.Typer) -> None:
    """Make both a part of the command line."""
    app.command(
        epilog=examples(
            "bridgelens evaluate captions.csv photos/",
            "bridgelens evaluate photos/ --model large --queries 200 --report report.html",
        )
    )(evaluate)
    app.command(epilog=examples("bridgelens calibrate captions.csv photos/ --model ~/checkpoints/mine"))(
        calibrate
    )


def evaluate(
    captions: flags.CaptionsSource,
    photos: flags.CaptionedPhotos = None,
    shortlist: flags.Shortlists = ["8,16,32,64,100"],  # noqa: B006 - typer copies it
    queries: flags.Queries = 1000,
    report: flags.Report = None,
    model: flags.Model = None,
    device: flags.Device = None,
    as_json: flags.Json = False,
) -> None:
    """Measure how well a model finds photos whose captions are known.

    CAPTIONS is a CSV file, or a folder where cat.txt has the captions of
    cat.jpg, one a line. No library is needed, and none is changed.
    """
    from ui.evaluation import run

    settings = Settings.load(model=model, device=device)
    run(settings, captions, photos, shortlist, queries, report, as_json=as_json)


def calibrate(
    captions: flags.CaptionsSource,
    photos: flags.CaptionedPhotos = None,
    dry_run: flags.DryRun = False,
    model: flags.Model = None,
    device: flags.Device = None,
    as_json: flags.Json = False,
) -> None:
    """Teach a checkpoint to say how likely a match is, and when nothing matches.

    Fits on half of the photos, measures on the other half, and keeps the
    calibration in the checkpoint's folder. CAPTIONS is as for evaluate.
    """
    from ui.calibration import run

    settings = Settings.load(model=model, device=device)
    run(settings, captions, photos, dry_run=dry_run, as_json=as_json)
