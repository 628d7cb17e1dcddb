"""An evaluation as one HTML page that needs no other file. Every text from outside is escaped here."""

import base64
import os
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.thumbnail import thumbnail
from ui.errors import UiError
from ui.evaluation import HEADINGS, calibration_line, facts, figure_texts, ways
from ui.gallery import ACCENT
from ui.render import printable

if TYPE_CHECKING:
    from PIL import Image

    from search.calibration_error import Bin
    from search.captions import Skipped
    from search.evaluation import Evaluation, Miss

LoadPhoto = Callable[[str], "Image.Image"]
EDGE = 240  # pixels, the longest edge of a photo on the page
PLOT = 300  # pixels, the side of the reliability plot
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #0f172a; max-width: 62rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; }
table { border-collapse: collapse; }
th, td { padding: 0.3rem 0.8rem; text-align: right; vertical-align: top; }
th { border-bottom: 2px solid #cbd5e1; } th:first-child, td:first-child { text-align: left; padding-left: 0; }
small, .note { color: #64748b; font-size: 0.8rem; } small { display: block; }
.miss { border-top: 1px solid #e2e8f0; padding: 0.8rem 0; } .miss p { margin: 0 0 0.4rem; }
.photos { display: flex; flex-wrap: wrap; gap: 0.8rem; } figure { margin: 0; width: 13rem; }
figure img { max-width: 100%; max-height: 10rem; border-radius: 0.3rem; }
.own img { outline: 3px solid ACCENT; }
figcaption { font-size: 0.75rem; color: #64748b; overflow-wrap: anywhere; }
svg text { font-size: 11px; fill: #64748b; }
""".replace("ACCENT", ACCENT)
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""


def report_page(found: "Evaluation", load_photo: LoadPhoto) -> str:
    """The page: figures, reliability plot, worst misses with their photos, and what was skipped."""
    parts = [_table(found), *(f'<p class="note">{text(line)}</p>' for line in facts(found)[:2])]
    if found.calibration is not None:
        parts += ["<h2>Calibration</h2>", f"<p>{text(calibration_line(found.calibration))}</p>",
                  reliability_plot(found.calibration.bins)]  # fmt: skip
    if found.misses:
        parts.append(
            "<h2>Worst misses</h2><p>The captions whose own photo ranked lowest, and what came first.</p>"
        )
        pictures: dict[str, str] = {}
        parts += [_miss(miss, load_photo, pictures) for miss in found.misses]
    if found.skipped:
        parts.append(f"<h2>Skipped</h2>{_skipped(found.skipped)}")
    title = text(f"Evaluation of {found.model_name}")
    return PAGE.format(title=title, style=STYLE, body="\n".join(parts))


def text(value: str) -> str:
    """Text from outside, harmless between tags and in quoted attributes."""
    return escape(printable(value), quote=True)


def reliability_plot(bins: "Sequence[Bin]") -> str:
    """An SVG of the share that came true over what was predicted; the area of a dot is its count."""
    largest = max(each.count for each in bins)

    def point(each: "Bin") -> str:
        x, y = PLOT * each.predicted, PLOT * (1 - each.observed)
        radius = 3 + 11 * (each.count / largest) ** 0.5
        about = f"predicted {each.predicted:.1%}, observed {each.observed:.1%}, {each.count:,} captions"
        return (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{ACCENT}" fill-opacity="0.6">'
                f"<title>{about}</title></circle>")  # fmt: skip

    ticks = "".join(
        f'<text x="{PLOT * at:.0f}" y="{PLOT + 16}" text-anchor="middle">{at:.0%}</text>'
        f'<text x="-6" y="{PLOT * (1 - at) + 4:.0f}" text-anchor="end">{at:.0%}</text>'
        for at in (0, 0.5, 1)
    )
    return (
        f'<svg width="{PLOT + 80}" height="{PLOT + 60}" viewBox="-50 -15 {PLOT + 80} {PLOT + 60}" role="img">'
        f'<rect width="{PLOT}" height="{PLOT}" fill="none" stroke="#cbd5e1"/>'
        f'<line x1="0" y1="{PLOT}" x2="{PLOT}" y2="0" stroke="#cbd5e1" stroke-dasharray="4"/>'
        f"{''.join(map(point, bins))}{ticks}"
        f'<text x="{PLOT / 2}" y="{PLOT + 34}" text-anchor="middle">probability of the first photo</text>'
        f'<text transform="translate(-38 {PLOT / 2}) rotate(-90)" text-anchor="middle">how often it is right'
        "</text></svg>"
    )


def refuse_no_place(path: Path) -> None:
    """Refuse a report that has nowhere to go, before anything is measured.

    Raises:
        UiError: it is a folder, or the folder it would lie in is not there.
    """
    if path.is_dir():
        raise UiError(
            f"--report {path}: expected a file, found a folder; run with --report {path / 'report.html'}"
        )
    if not path.absolute().parent.is_dir():
        raise UiError(f"--report {path}: its folder is not there; make it, or name another file.")


def write_report(path: Path, page: str) -> None:
    """Write the page whole or not at all, UTF-8; an older report stays until it is replaced.

    Raises:
        UiError: it cannot be written.
    """
    part = path.with_name(f".bridgelens-{os.getpid()}.part")  # in the same folder, so that it can be renamed
    try:
        try:
            part.write_text(page, encoding="utf-8")
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise UiError(
            f"--report {path}: the figures are printed, but their report could not be written: "
            f"{error.strerror or error}. Make room or name another file, and run the command again."
        ) from error


def _table(found: "Evaluation") -> str:
    names = ("ranked by", "captions", *HEADINGS.values(), "s/query")
    rows = ["".join(f"<th>{text(name)}</th>" for name in names)]
    for way, captions, figures in ways(found):
        cells = [text(way), captions]
        cells += [f"{value}<small>{between}</small>" for value, between in figure_texts(figures)]
        cells.append(f"{figures.seconds_per_query:.3f}")
        rows.append("".join(f"<td>{cell}</td>" for cell in cells))
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _miss(miss: "Miss", load_photo: LoadPhoto, pictures: dict[str, str]) -> str:
    """One caption: its own photo with its rank, then the first ones. `pictures` keeps what was read."""
    shown_photos = [(miss.photo, f"its own photo, rank {miss.rank:,}", ' class="own"')]
    shown_photos += [(path, f"rank {rank}", "") for rank, path in enumerate(miss.first, 1)]
    figures = "".join(
        f"<figure{kind}>{_picture(path, load_photo, pictures)}"
        f"<figcaption>{label}<br>{text(os.path.basename(path))}</figcaption></figure>"
        for path, label, kind in shown_photos
    )
    return f'<div class="miss"><p>{text(miss.caption)}</p><div class="photos">{figures}</div></div>'


def _picture(path: str, load_photo: LoadPhoto, pictures: dict[str, str]) -> str:
    if path not in pictures:
        try:
            content = base64.b64encode(thumbnail(load_photo(path), EDGE)).decode("ascii")
            pictures[path] = f'<img alt="" src="data:image/jpeg;base64,{content}">'
        except (
            Exception
        ) as error:  # whatever became of the file since, the report goes on without its picture
            pictures[path] = f"<p>{text(str(error))}</p>"
    return pictures[path]


def _skipped(skipped: "Sequence[Skipped]") -> str:
    return f"<ul>{''.join(f'<li>{text(each.path)}: {text(each.reason)}</li>' for each in skipped)}</ul>"
