"""An indexer that is killed at random moments: no photo lost, none twice, catalog and index that agree."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from storage.library import Library
from storage.records import ModelRef
from tests.indexer.tiny import TinyEncoder

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("BRIDGELENS_TEST_KILLS", "200"))
"""How often; more for whoever has the time."""
PHOTOS, BATCH = 60, 8

# One process does a whole run, as some things are imported late, and then makes a copy of itself a run, so
# that a run takes a fraction of a second and is killed at its work. It answers each line "library seconds"
# with "killed" or "ended" and how many photos went through the model: a run writes that many bytes to a file
# before it has the embeddings.
SERVER = """
import os, signal, sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from indexer.pipeline import index
from storage.library import Library
from tests.indexer.tiny import TinyEncoder

photos, seen, first = map(Path, sys.argv[1:])

class Noting(TinyEncoder):
    def embed_images(self, crops):
        with open(seen, "ab", buffering=0) as file:
            file.write(b"." * len(crops))
        time.sleep(0.002)
        return super().embed_images(crops)

class Threads(ThreadPoolExecutor):
    count = 2
    def submit(self, task, item, size=0, /):
        return super().submit(task, item)

def run(place):
    with Library.open(place, create=True, write=True) as library, Threads(2) as workers:
        index([photos], library, Noting(), batch_size=BATCH, workers=workers)

run(first)
for line in sys.stdin:
    place, seconds = line.split()
    seen.write_bytes(b"")
    child = os.fork()
    if child == 0:
        try:
            run(Path(place))
        finally:
            os._exit(0)
    time.sleep(float(seconds))
    os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    print("killed" if os.WIFSIGNALED(status) else "ended", seen.stat().st_size, flush=True)
""".replace("BATCH", str(BATCH))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Sixty photos of one colour each, no two alike."""
    folder = tmp_path.resolve() / "photos"
    folder.mkdir()
    for number in range(PHOTOS):
        Image.new("RGB", (8, 8), (number + 1, 255 - number, 7)).save(folder / f"{number:02}.png")
    return folder


@pytest.fixture
def embeddings(photos: Path) -> dict[str, NDArray[np.float32]]:
    """The embedding of each photo, float32 (dim,), unit L2 norm, by its path."""
    encoder, made = TinyEncoder(), {}
    for path in photos.iterdir():
        with Image.open(path) as file:
            (made[str(path)],) = encoder.embed_images(encoder.preprocessor.crop_of(file.convert("RGB"))[None])
    return made


def stored(place: Path, embeddings: Mapping[str, NDArray[np.float32]]) -> int:
    """Photos in a library whose parts agree; 0 before there is one."""
    if not (place / "catalog.sqlite").exists():
        return 0
    encoder = TinyEncoder()
    model = ModelRef(encoder.fingerprint, encoder.name, encoder.dim)
    with Library.open(place, create=True, write=True) as library:
        ids = library.present_photo_ids()
        photos = library.photos(ids.tolist())
        paths = [path for photo in photos.values() for path in photo.paths]
        assert len(paths) == len(set(paths)) == len(ids)  # no file twice, no photo without its file
        vectors = library.index(model)
        assert len(vectors) == len(ids) and all(photo_id in vectors for photo_id in ids.tolist())
        for photo_id, photo in photos.items():
            found = library.embedding(photo_id, model)
            assert found is not None and float(found @ embeddings[photo.paths[0]]) > 0.999
    return len(ids)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="runs are copies of one process")
def test_killed_at_random_moments(
    photos: Path, embeddings: Mapping[str, NDArray[np.float32]], tmp_path: Path
) -> None:
    dice, killed, finished, longest = random.Random(0), 0, 0, 0.5
    others = [str(tmp_path / name) for name in ("seen", "first")]
    command = [sys.executable, "-W", "ignore", "-c", SERVER, str(photos), *others]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True, bufsize=1) as server:
        assert server.stdin is not None and server.stdout is not None
        place, before = tmp_path / "library-0", 0
        while killed < KILLS:
            server.stdin.write(f"{place} {dice.uniform(0, longest):.4f}\n")
            how, seen = server.stdout.readline().split()
            after = stored(place, embeddings)
            assert before <= after  # nothing that was committed is lost
            assert int(seen) - (after - before) <= BATCH  # what a run embedded in vain
            before = after
            if how == "killed":
                killed, longest = killed + 1, longest * 1.02
            else:
                assert after == PHOTOS
                finished += 1
                place, before = tmp_path / f"library-{finished}", 0
                longest *= 0.8  # so that most runs are killed on the way
        server.stdin.close()
    assert finished > 0
