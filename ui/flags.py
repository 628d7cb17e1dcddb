"""The options and arguments of the commands, and how their examples are laid out."""

from pathlib import Path
from typing import Annotated

import typer

Folders = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="FOLDER", help="Folders of photos, with all inside; none: all that the library knows."
    ),
]
Photo = Annotated[Path, typer.Argument(metavar="PHOTO", help="A photo file; it need not be in a library.")]
Caption = Annotated[
    str,
    typer.Argument(
        metavar="CAPTION",
        help="What the photo shows, in English; not needed with --like.",
        show_default=False,
    ),
]
And = Annotated[
    list[str] | None,
    typer.Option(
        "--and", metavar="[WEIGHT*]CAPTION",
        help='What it shows besides; "0.5*snow" counts half as much as the first caption. Repeatable.',
    ),
]  # fmt: skip
Not = Annotated[
    list[str] | None,
    typer.Option("--not", metavar="CAPTION", help="What it must not show. Repeatable."),
]
Like = Annotated[
    Path | None,
    typer.Option("--like", metavar="PHOTO", help="A photo file that those found resemble, indexed or not."),
]
Captions = Annotated[list[str], typer.Argument(metavar="CAPTION", help="Captions to compare.")]
GappedCaption = Annotated[str, typer.Argument(metavar="CAPTION", help="A caption with <mask> for one word.")]

Library = Annotated[
    Path | None,
    typer.Option(
        "--library",
        metavar="FOLDER",
        help="Where the library is kept, not the photos (or BRIDGELENS_LIBRARY).",
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME",
        help="mini, large, a checkpoint's folder or hub name (or BRIDGELENS_MODEL).",
    ),
]
Device = Annotated[
    str | None,
    typer.Option("--device", metavar="NAME", help="auto, cpu, cuda or cuda:1 (or BRIDGELENS_DEVICE)."),
]
BatchSize = Annotated[
    int, typer.Option("--batch-size", min=1, max=4096, metavar="N", help="Photos embedded at once.")
]
PixelCache = Annotated[
    str | None,
    typer.Option(
        "--pixel-cache",
        metavar="SIZE",
        help="Disk space for quicker re-ranks, such as 10GB (or BRIDGELENS_PIXEL_CACHE).",
    ),
]
NoThumbnails = Annotated[
    bool, typer.Option("--no-thumbnails", help="Keep no thumbnails; the web page makes those it shows.")
]
Wait = Annotated[bool, typer.Option("--wait", help="Wait while another program writes to the library.")]
Top = Annotated[int, typer.Option("-k", "--top", min=1, max=10_000, metavar="N", help="How many to show.")]
Shortlist = Annotated[
    int,
    typer.Option("--shortlist", min=1, metavar="N", help="How many photos are re-ranked, whatever -k is."),
]
NoRerank = Annotated[
    bool, typer.Option("--no-rerank", help="Keep the order of the index: much faster, less exact.")
]
Fast = Annotated[
    bool,
    typer.Option(
        "--fast", help="Judge the nearest third by a quarter of their tokens: quicker, other probabilities."
    ),
]
Budget = Annotated[
    str | None,
    typer.Option(
        "--budget",
        metavar="TIME",
        help="How long the re-rank may take, such as 300ms or 2s; what is best by then is shown.",
    ),
]
Unfold = Annotated[
    bool,
    typer.Option(
        "--unfold", help="Show each version of a photo, resized or of one burst, as a match of its own."
    ),
]
Open = Annotated[
    bool, typer.Option("--open", help="Open the best photo with the system's viewer, if any matches.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text for people.")]
JsonLines = Annotated[bool, typer.Option("--json", help="Print JSON instead, one object a line.")]
Paths = Annotated[bool, typer.Option("--paths", help="Print only the paths, one a line.")]
MatchPaths = Annotated[
    bool,
    typer.Option(
        "--paths",
        help="Print only the paths, one a line; none, and exit code 1, where nothing matches. "
        "(--json prints the nearest photos all the same, and says so in nothing_matches.)",
    ),
]
Null = Annotated[bool, typer.Option("--null", "-0", help="With --paths: end each with NUL, for xargs -0.")]
CaptionsSource = Annotated[
    Path,
    typer.Argument(
        metavar="CAPTIONS", help="CSV file with the header image,caption; or a folder with text files."
    ),
]
CaptionedPhotos = Annotated[
    Path | None,
    typer.Argument(metavar="PHOTOS", help="Folder of the photos; not needed where texts lie beside them."),
]
Shortlists = Annotated[
    list[str],
    typer.Option("--shortlist", metavar="N,...", help="Shortlist sizes to re-rank. Repeatable."),
]
Queries = Annotated[
    int, typer.Option("--queries", min=0, metavar="N", help="How many of the captions are re-ranked; 0: all.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Measure only; keep nothing.")]
Report = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE", help="Also write figures and worst misses as one HTML page."),
]
Port = Annotated[int, typer.Option("--port", min=1, max=65535, metavar="N", help="Port of the page.")]
Host = Annotated[
    str,
    typer.Option(
        "--host",
        metavar="ADDRESS",
        help="Address to listen on; 0.0.0.0 lets others in, with BRIDGELENS_PASSWORD or a sign-in.",
    ),
]
ProgressFile = Annotated[
    Path | None,
    typer.Option("--progress", metavar="FILE", help="Keep a JSON file that says how far the run is."),
]
NoBrowser = Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")]
Version = Annotated[bool, typer.Option("--version", help="Print the version and exit.")]


def examples(*lines: str) -> str:
    """An epilog of example commands, one a line."""
    return "\n".join(("[bold]Examples[/]", *lines))
