"""`make demo`: real photos out of the installed packages, indexed and searched, with what to do next.

Source: the photos come with scikit-image (`skimage/data`) and scikit-learn (`sklearn/datasets/images`),
whose README files name their authors and licences; they are copied, never downloaded.
"""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

from rich.text import Text

from ui import compose, render
from ui.errors import UiError
from ui.settings import Settings
from ui.terminal import err, load_model, out, refusals_on_one_line

FOLDER = Path(__file__).resolve().parent.parent / "demo"
SOURCES = {
    "skimage": (
        "data",
        "astronaut.png brick.png camera.png chelsea.png coffee.png coins.png grass.png gravel.png "
        "hubble_deep_field.jpg moon.png motorcycle_left.png motorcycle_right.png rocket.jpg",
    ),
    "sklearn": ("datasets/images", "china.jpg flower.jpg"),
}
CAPTIONS = ("a person taking a photo", "a red motorcycle", "a dog on a beach")  # the last is not there
RESULTS = 3


def collect_photos(folder: Path) -> list[Path]:
    """Copy the packages' photos into `folder`, where they are not there yet; all of them, in order of name.

    Raises:
        UiError: a package that holds the photos is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for package, (inside, names) in SOURCES.items():
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise UiError(
                f"the demo's photos come with {package}, which is not installed: run `make install`"
            )
        for name in names.split():
            if not (folder / name).exists():
                shutil.copy2(Path(spec.origin).parent / inside / name, folder / name)
    return sorted(folder.iterdir())


def run(folder: Path = FOLDER, model: str | None = None) -> None:
    """Collect, index, search, and say how to go on. A second run finds everything indexed already."""
    from indexer.pipeline import index
    from search.query import Query
    from ui.indexing import ProgressBar, summary

    photos = collect_photos(folder / "photos")
    library_folder = folder / "library"
    out.print(f"{len(photos)} photos in {render.short_path(str(folder / 'photos'))}")
    settings = Settings.load(library=library_folder, model=model)
    with compose.open_library(settings, create=True, write=True) as library:
        bridgetower = load_model(settings)
        with ProgressBar(err) as bar:
            report = index([folder / "photos"], library, bridgetower, on_progress=bar.show)
        out.print(summary(report, settings.command("failures")))
        engine = compose.open_engine(library, bridgetower)
        for caption in CAPTIONS:
            out.print(Text.assemble("\nbridgelens search ", (f'"{caption}"', "bold")))
            results = engine.search(Query(caption, k=RESULTS))
            for note in render.notes(results):
                out.print(note)
            out.print(render.matches_table(results))
    shown = render.short_path(str(library_folder))
    out.print(f"\nSee them on a web page: .venv/bin/bridgelens web --library {shown}", soft_wrap=True)


if __name__ == "__main__":
    with refusals_on_one_line():
        run()
