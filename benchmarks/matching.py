"""Re-ranking: ITM of one caption with many photos over Hugging Face's retrieval forward on the same pairs.

python -m benchmarks.matching --config base --photos 100 --bfloat16
python -m benchmarks.matching --config large --photos 100 --bfloat16 --parts --device cuda

With `--cpu-time` everything runs on one thread, and what counts is the time that thread had a CPU: for a
machine on which other programs run.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from benchmarks.hardware import without_tf32
from benchmarks.networks import bridgetower_around, config_of, copy_of, random_network
from benchmarks.report import Row, arguments, device_argument, report
from benchmarks.timing import clock_of, take_turns
from model.bridgetower import BridgeTower, probability
from model.device import choose_device
from model.normalise import Crops, Normaliser, Pixels
from search.pair_judge import PairJudge
from storage.records import PhotoRecord

CAPTION = (
    "a dog in snow"  # 14 tokens, as the letters of `benchmarks.networks` spell it: a caption's usual length
)
THEIRS = "Hugging Face's batch"
NOTES = [
    "random weights; median of the rounds for all pairs; times faster: median of the rounds' ratios",
    "off by: the largest absolute difference from Hugging Face's float32, log-odds and probability",
    "the same search again: towers' states of photos and caption are kept, in the model's memory",
    "a quarter of the tokens: a photo's tokens merged, which is not exact",
    "Hugging Face's pixels are on the device before the clock starts; ours are brought there",
]
Way = Callable[[], NDArray[np.float32]]


def main() -> None:
    """Time Hugging Face's batch, ours with nothing in hand, and ours with the photos' states in hand."""
    parser = arguments(__doc__)
    parser.add_argument("--config", choices=["mini", "base", "large"], default="base")
    parser.add_argument(
        "--photos", type=int, default=32, help="pairs of a photo with the caption (default 32)"
    )
    parser.add_argument("--repeats", type=int, default=3, help="timed rounds (default 3)")
    parser.add_argument("--bfloat16", action="store_true", help="the same in bfloat16 too")
    parser.add_argument("--parts", action="store_true", help="what of `nothing in hand` takes how long, too")
    parser.add_argument("--cpu-time", action="store_true", help="one thread, and its CPU seconds")
    device_argument(parser)
    options = parser.parse_args()
    if options.cpu_time:
        torch.set_num_threads(1)
    without_tf32()
    device = choose_device(options.device)
    network = random_network(config_of(options.config), device=device)
    side = network.config.vision_config.image_size
    crops = np.random.default_rng(0).integers(0, 256, (options.photos, side, side, 3), dtype=np.uint8)
    clock = time.thread_time if options.cpu_time else clock_of(device)
    models = {"": bridgetower_around(network)}
    if options.bfloat16:
        models[", bfloat16"] = bridgetower_around(copy_of(network, torch.bfloat16), torch.bfloat16)
    rows = compare(models, crops, options.repeats, clock)
    rows += take_apart(models, crops, options.repeats, clock) if options.parts else []
    title = f"Matching {options.photos} photos with one caption, {options.config} at {side} px, on {device}"
    notes = [*NOTES, *(["seconds are CPU seconds of one thread"] if options.cpu_time else [])]
    report(title, rows, notes, options.json)


def compare(
    models: dict[str, BridgeTower], crops: Crops, repeats: int, clock: Callable[[], float]
) -> list[Row]:
    """One row a way; `models` are float32's and perhaps another precision's, by what is put behind a way."""
    named = {f"{name}{label}": way for label, model in models.items() for name, way in ways_of(model, crops)}
    expected = named[THEIRS]()
    turns = take_turns(list(named.values()), repeats, clock)
    rows: list[Row] = []
    for place, (name, way) in enumerate(named.items()):
        found = way()
        rows.append(
            {
                "way": name,
                "ms": 1000 * turns.median(place),
                "times faster": turns.times_faster(place),
                "log-odds off by": float(np.abs(found - expected).max()),
                "probability": float(np.abs(probability(found) - probability(expected)).max()),
            }
        )
        if len(models) > 1:
            rows[-1]["than bfloat16"] = turns.times_faster(place, len(named) // 2)
    return rows


def take_apart(
    models: dict[str, BridgeTower], crops: Crops, repeats: int, clock: Callable[[], float]
) -> list[Row]:
    """One row a part of matching with nothing in hand; what is left of it is fusion."""
    parts = {f"{name}{label}": way for label, model in models.items() for name, way in parts_of(model, crops)}
    turns = take_turns(list(parts.values()), repeats, clock)
    nothing = {"times faster": "", "log-odds off by": "", "probability": ""}
    nothing |= {"than bfloat16": ""} if len(models) > 1 else {}
    return [{"way": name, "ms": 1000 * turns.median(place)} | nothing for place, name in enumerate(parts)]


def ways_of(model: BridgeTower, crops: Crops) -> list[tuple[str, Way]]:
    """Each way to the log-odds of all pairs, float32 (photos,)."""
    pixels = pixels_of(model, crops)
    kept = model.photo_states(pixels)
    merged = model.merged(kept)

    def caption() -> Any:
        return model.caption_states(CAPTION)

    return [
        (THEIRS, hugging_faces_batch(model, pixels)),
        ("nothing in hand", lambda: model.match_states(model.photo_states(pixels), caption())),
        ("nothing in hand, bytes", lambda: model.match_states(model.photo_states(crops), caption())),
        ("photos in hand", lambda: model.match_states(kept, caption())),
        ("the same search again", search_of(model, crops)),
        ("a quarter of the tokens", lambda: model.match_states(merged, caption())),
    ]


def parts_of(model: BridgeTower, crops: Crops) -> list[tuple[str, Callable[[], object]]]:
    """The parts of matching that come before fusion; what they leave on the device is not read."""
    pixels = pixels_of(model, crops)
    normalised = Normaliser(model.preprocessor.levels, model.device, model.dtype)
    return [
        ("  pixels sent", lambda: normalised(pixels)),
        ("  bytes sent and made pixels", lambda: normalised(crops)),
        ("  bytes to towers' states", lambda: model.photo_states(crops)),
        ("  the caption's tower", lambda: model.caption_states(CAPTION)),
    ]


def search_of(model: BridgeTower, crops: Crops) -> Way:
    """The pairs as a search has them judged: states are kept from the first call on, photos by photo."""
    judge = PairJudge(model, Image.open, load_pixels=lambda photo: crops[photo.photo_id])
    facts = (*crops.shape[1:3], "PNG", None, None, None, None)
    photos = [PhotoRecord(row, (f"{row}.png",), str(row), *facts) for row in range(len(crops))]
    return lambda: judge.log_odds(photos, [CAPTION])[:, 0]


def pixels_of(model: BridgeTower, crops: Crops) -> Pixels:
    """Crops, uint8 (n, side, side, 3), as preprocessed photos, float32 (n, 3, side, side)."""
    levels = model.preprocessor.levels
    return np.stack([levels[channel][crops[..., channel]] for channel in range(3)], axis=1)


def hugging_faces_batch(model: BridgeTower, pixels: Pixels) -> Way:
    """Hugging Face's forward of all pairs at once, to their log-odds."""
    tokens = model.tokenizer([CAPTION] * len(pixels), return_tensors="pt")
    inputs = {name: tokens[name].to(model.device) for name in ("input_ids", "attention_mask")}
    values = torch.from_numpy(pixels).to(model.device, model.dtype)

    def forward() -> NDArray[np.float32]:
        with torch.inference_mode():
            logits = model.network.retrieval(pixel_values=values, **inputs).logits.float()  # type: ignore[misc]
        log_odds: NDArray[np.float32] = (logits[:, 1] - logits[:, 0]).cpu().numpy()
        return log_odds

    return forward


if __name__ == "__main__":
    main()
