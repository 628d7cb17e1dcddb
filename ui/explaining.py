"""The command `explain`: which words of a caption, and which part of a photo, speak for the match."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from ui import compose, flags, render
from ui.errors import UiError
from ui.flags import examples
from ui.settings import Settings
from ui.terminal import err, load_model, out

if TYPE_CHECKING:
    from PIL import Image

    from model.bridgetower import BridgeTower
    from search.evidence import Evidence

Explained = Annotated[
    str, typer.Argument(metavar="CAPTION", help="What the photo shows, or does not, in English.")
]
HeatMap = Annotated[
    Path | None,
    typer.Option("--heat-map", metavar="FILE.png", help="Save the photo with where the match comes from."),
]


def add_commands(app: typer.Typer) -> None:
    """Make it a part of the command line."""
    app.command(
        epilog=examples(
            'bridgelens explain cat.jpg "a cat on a red sofa"',
            'bridgelens explain cat.jpg "a cat on a red sofa" --heat-map why.png',
        )
    )(explain)


def explain(
    photo: flags.Photo,
    caption: Explained,
    heat_map: HeatMap = None,
    model: flags.Model = None,
    device: flags.Device = None,
    as_json: flags.Json = False,
) -> None:
    """Show what each word of a caption adds to its match with a photo.

    "without" is how well the caption without the word matches, by the model's
    own ITM, and "adds" what the word adds, in log-odds: below 0 it speaks
    against the photo. The heat map shows where in the photo the match of the
    whole caption comes from.
    """
    from search.evidence import explain as find
    from ui.heat_map import ILLUSTRATIVE, is_illustrative

    if heat_map is not None:
        _check_free(heat_map)
    image = compose.load_photo(photo)
    bridgetower = load_model(Settings.load(model=model, device=device))
    evidence = find(bridgetower, image, caption)
    if as_json:
        fields = evidence_fields(evidence)
        if heat_map is not None:
            fields["heat_map"] = {"path": str(heat_map), "illustrative": is_illustrative(bridgetower)}
        typer.echo(render.as_json(fields))
    else:
        out.print(words_table(evidence))
    if heat_map is not None:
        _save(heat_map, bridgetower, image, evidence.caption)
        if is_illustrative(bridgetower):
            err.print(Text(ILLUSTRATIVE, style="yellow"), soft_wrap=True)


def words_table(evidence: "Evidence") -> Table:
    """The words with what they add, in the order of the caption, and the whole caption below."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_footer=True)
    table.add_column("adds", f"{evidence.log_odds:+.1f}", justify="right", no_wrap=True)
    table.add_column("without", render.percent(evidence.probability), justify="right", no_wrap=True)
    table.add_column("word", Text(render.printable(evidence.caption)), overflow="fold")
    strongest = max((word.log_odds_change for word in evidence.words), default=0.0)
    for word in evidence.words:
        style = "bold" if word.log_odds_change == strongest else "yellow" if word.log_odds_change < 0 else ""
        shown = Text(render.printable(word.word), style=style)
        table.add_row(f"{word.log_odds_change:+.1f}", render.percent(word.without), shown)
    return table


def evidence_fields(evidence: "Evidence") -> dict[str, Any]:
    """The JSON fields of an explanation."""
    return {
        "caption": evidence.caption,
        "match_probability": evidence.probability,
        "log_odds": evidence.log_odds,
        "words": [
            {
                "word": word.word,
                "start": word.start,
                "end": word.end,
                "log_odds_change": word.log_odds_change,
                "match_probability_without": word.without,
            }
            for word in evidence.words
        ],
    }


def _check_free(file: Path) -> None:
    """Refuse a name that is no PNG's, or that something has, before anything is computed.

    Raises:
        UiError: it is such a name.
    """
    if file.suffix.lower() != ".png":
        raise UiError(f"--heat-map {file}: expected a name that ends in .png, such as why.png")
    if file.exists() or file.is_symlink():
        raise UiError(f"{file} is there already; name another file, or remove it")
    if not file.parent.is_dir():
        raise UiError(f"{file.parent} is no folder; make it, or name a file elsewhere")


def _save(file: Path, model: "BridgeTower", photo: "Image.Image", caption: str) -> None:
    """Write the photo with its heat map, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    from ui.heat_map import with_heat_map

    picture = with_heat_map(model, photo, caption)
    stream = file.open("xb")
    try:
        with stream:
            picture.save(stream, format="PNG")
    except BaseException:
        file.unlink()
        raise
    err.print(Text.assemble("Heat map: ", render.path_text(str(file))), soft_wrap=True)
