"""A large JPEG on its way to the model: our decoding over a full one and Hugging Face's image processor.

python -m benchmarks.decoding --photos FOLDER --model mini

The photos are scaled up to 12 megapixels, given the noise of a camera's sensor, and saved as JPEG, since what
is measured is decoding; `--as-they-are` takes them unchanged. Embeddings are compared with those of the full
decode.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from transformers.models.bridgetower.image_processing_pil_bridgetower import BridgeTowerImageProcessorPil

from benchmarks.report import Row, arguments, report
from benchmarks.timing import take_turns
from indexer.decode import decode
from model.bridgetower import BridgeTower

PIXELS = 12_000_000
NOISE = 6.0
"""Standard deviation of a pixel's noise, of 255: about that of a phone's camera indoors."""


def main() -> None:
    """Time a few photos both ways, and compare the embeddings of all."""
    parser = arguments(__doc__)
    parser.add_argument("--photos", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--model", default="mini")
    parser.add_argument("--count", type=int, default=200, help="photos that are compared (default 200)")
    parser.add_argument("--timed", type=int, default=8, help="photos that are timed (default 8)")
    parser.add_argument("--repeats", type=int, default=3, help="timed rounds (default 3)")
    parser.add_argument("--as-they-are", action="store_true", help="neither scaled nor saved again")
    options = parser.parse_args()
    model = BridgeTower.load(options.model)
    files = sorted(options.photos.rglob("*.jpg"))[: options.count]
    with tempfile.TemporaryDirectory() as folder:
        large = files if options.as_they_are else [enlarged(file, Path(folder)) for file in files]
        times = speed(model, large[: options.timed], options.repeats)
        cosines, jittered = changes(model, large)
    megapixels = times.pop("megapixels")
    notes = [f"{options.timed} photos of {megapixels:.3g} megapixels timed; times a photo are medians"]
    notes += [f"cosine of {len(cosines)} embeddings with those of the full decode: " + spread(cosines)]
    notes += ["the full decode with 0 or 1 of 255 added to each level at random: " + spread(jittered)]
    report(f"Decode and preprocess for {options.model}", [times], notes, options.json)


def enlarged(file: Path, folder: Path) -> Path:
    """A copy of 12 megapixels with noise, saved as cameras save."""
    with Image.open(file) as photo:
        scale = (PIXELS / (photo.width * photo.height)) ** 0.5
        size = (round(photo.width * scale), round(photo.height * scale))
        large = np.asarray(photo.convert("RGB").resize(size, Image.Resampling.BICUBIC))
    noise = np.random.default_rng(len(file.name)).standard_normal(large.shape, dtype=np.float32)
    noisy = np.clip(large + NOISE * noise, 0, 255).astype(np.uint8)
    path = folder / file.name
    Image.fromarray(noisy).save(path, quality=92)
    return path


def speed(model: BridgeTower, files: Sequence[Path], repeats: int) -> Row:
    """Milliseconds a photo, one core each way: both give what the model takes."""
    processor = BridgeTowerImageProcessorPil.from_pretrained(model.folder)

    def theirs() -> None:
        for file in files:
            with Image.open(file) as photo:
                processor(photo.convert("RGB"), return_tensors="np")

    def ours() -> None:
        for file in files:
            model.preprocessor.crop_of(decode(file, model.preprocessor.resized).photo)

    turns = take_turns([theirs, ours], repeats)
    facts = [decode(file, model.preprocessor.resized).facts for file in files]
    return {
        "Pillow and Hugging Face, ms": 1000 * turns.median(0) / len(files),
        "ours with the hash, ms": 1000 * turns.median(1) / len(files),
        "times faster": turns.times_faster(1),
        "megapixels": float(np.mean([fact.width * fact.height / 1e6 for fact in facts])),
    }


def changes(model: BridgeTower, files: Sequence[Path]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cosines of every photo's embedding with that of its full decode, float32 (n,) each.

    The first are those of the photos as indexed. The second, a yardstick, are those of full decodes with the
    smallest change there is: one level of 255, at random.
    """
    rng = np.random.default_rng(0)
    full, fast, jittered = [], [], []
    for file in files:
        crop = model.preprocessor.crop_of(decode(file).photo)
        full.append(crop)
        fast.append(model.preprocessor.crop_of(decode(file, model.preprocessor.resized).photo))
        jittered.append(np.minimum(crop, 254) + rng.integers(0, 2, crop.shape, dtype=np.uint8))
    first, *others = (model.embed_images(np.stack(crops)) for crops in (full, fast, jittered))
    fast_cosines, jittered_cosines = ((first * other).sum(axis=1) for other in others)
    return fast_cosines, jittered_cosines


def spread(cosines: NDArray[np.float32]) -> str:
    """The worst, one in a hundred, and the median."""
    worst, hundredth, median = np.quantile(cosines, [0, 0.01, 0.5])
    return f"lowest {worst:.5f}, 1st percentile {hundredth:.5f}, median {median:.5f}"


if __name__ == "__main__":
    main()
