"""The `bridgelens` command: reads what was typed, opens the parts, calls them, prints what they return."""

from dataclasses import asdict

import typer

from ui import (
    compose,
    explaining,
    exporting,
    failures,
    flags,
    help_panels,
    keeping,
    listing,
    measuring,
    models,
    photo_commands,
    pruning,
    render,
    searching,
    serving,
    tagging,
    watching,
)
from ui.errors import UiError
from ui.flags import examples
from ui.own_version import own_version
from ui.settings import Settings
from ui.status_facts import status_facts, status_fields
from ui.terminal import echo_lines, err, load_model, out, refusals_on_one_line

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(
    invoke_without_command=True,
    epilog=examples(
        "bridgelens index ~/Pictures",
        'bridgelens search "two dogs running on a beach"',
        "bridgelens web",
    ),
)
def options(show_version: flags.Version = False) -> None:
    """Type a caption, find the photo.

    bridgelens indexes folders of photos on this machine and finds them by
    what they show. No photo leaves it.
    """
    if show_version:
        typer.echo(f"bridgelens {own_version()}")
        raise typer.Exit


@app.command(
    epilog=examples(
        "bridgelens index ~/Pictures /media/camera",
        "bridgelens index",
        "bridgelens index ~/Pictures --library /data/library --batch-size 8",
    )
)
def index(
    folders: flags.Folders = None,
    library: flags.Library = None,
    model: flags.Model = None,
    device: flags.Device = None,
    batch_size: flags.BatchSize = 32,
    no_thumbnails: flags.NoThumbnails = False,
    pixel_cache: flags.PixelCache = None,
    wait: flags.Wait = False,
    progress: flags.ProgressFile = None,
    as_json: flags.Json = False,
) -> None:
    """Index folders of photos; run it again for what is new or gone.

    Without a FOLDER, all folders of the library are looked through again.
    A photo that cannot be read never stops the run. Ctrl-C stops it after
    the batch in hand, and the same command goes on from there.
    """
    from indexer.pipeline import index as run
    from ui.indexing import ProgressBar, model_used, open_to_index, report_fields, stop_on_signal, summary

    settings = Settings.load(library=library, model=model, device=device, pixel_cache=pixel_cache)
    with open_to_index(settings, folders or [], wait=wait) as (opened, places):
        bridgetower = load_model(compose.with_its_model(settings, opened))
        with ProgressBar(err, file=progress) as bar, stop_on_signal(bar) as stop:
            report = run(
                places,
                opened,
                bridgetower,
                batch_size=batch_size,
                on_progress=bar.show,
                stop=stop,
                thumbnails=not no_thumbnails,
            )
        note = model_used(opened.models, bridgetower, settings)
    if as_json:
        typer.echo(render.as_json(report_fields(report)))
    else:
        out.print(summary(report, settings.command("failures")), soft_wrap=True)
    if note:
        err.print(note, soft_wrap=True)
    if report.interrupted:
        raise typer.Exit(130)


searching.add_commands(app)


@app.command(epilog=examples('bridgelens score cat.jpg "a cat on a sofa" "a dog on a sofa"'))
def score(
    photo: flags.Photo,
    captions: flags.Captions,
    model: flags.Model = None,
    device: flags.Device = None,
    as_json: flags.JsonLines = False,
) -> None:
    """Compare captions of one photo: how well does each describe it?"""
    from search.score import score_captions

    image = compose.load_photo(photo)
    scores = score_captions(load_model(Settings.load(model=model, device=device)), image, captions)
    if as_json:
        echo_lines(render.as_json(render.score_fields(each)) for each in scores)
    else:
        out.print(render.scores_table(scores))


@app.command(epilog=examples('bridgelens fill cat.jpg "a <mask> looking out of the window"'))
def fill(
    photo: flags.Photo,
    caption: flags.GappedCaption,
    top: flags.Top = 5,
    model: flags.Model = None,
    device: flags.Device = None,
    as_json: flags.JsonLines = False,
) -> None:
    """Let the model say which word is missing from a photo's caption."""
    if caption.count("<mask>") != 1:
        raise UiError(
            "the caption needs <mask> once, in place of the word to find: "
            'bridgelens fill PHOTO "a <mask> looking out of the window"'
        )
    image = compose.load_photo(photo)
    bridgetower = load_model(Settings.load(model=model, device=device))
    fillings = bridgetower.fill_mask(bridgetower.preprocessor(image), caption, k=top)
    if as_json:
        echo_lines(render.as_json(asdict(filling)) for filling in fillings)
    else:
        out.print(render.fillings_table(fillings))


@app.command()
def status(library: flags.Library = None, as_json: flags.Json = False) -> None:
    """Show what the library holds: photos, folders, models, size."""
    settings = Settings.load(library=library)
    with compose.open_library(settings) as opened:
        found = opened.status()
    if as_json:
        typer.echo(render.as_json(status_fields(found, settings.library)))
    else:
        out.print(render.facts_table(status_facts(found, settings.library)))


@app.command(epilog=examples("bridgelens web", "bridgelens web --port 9000 --no-browser"))
def web(
    port: flags.Port = 8501,
    host: flags.Host = "127.0.0.1",
    no_browser: flags.NoBrowser = False,
    library: flags.Library = None,
    model: flags.Model = None,
    device: flags.Device = None,
    pixel_cache: flags.PixelCache = None,
) -> None:
    """Search on a web page, which only this machine can reach unless --host says otherwise."""
    from ui.serve import serve

    settings = Settings.load(library=library, model=model, device=device, pixel_cache=pixel_cache)
    serve(settings, port=port, host=host, browser=not no_browser, announce=err.print)


serving.add_commands(app)
measuring.add_commands(app)
pruning.add_commands(app)
keeping.add_commands(app)
models.add_commands(app)
failures.add_commands(app)
watching.add_commands(app)
listing.add_commands(app)
exporting.add_commands(app)
photo_commands.add_commands(app)
explaining.add_commands(app)
tagging.add_commands(app)
help_panels.arrange(app)


def main() -> None:
    """Run the command line; whatever is refused is one line on stderr and exit code 2."""
    with refusals_on_one_line():
        app(prog_name="bridgelens")


if __name__ == "__main__":
    main()
