"""Re-ranking: ITM of one caption with many photos over Hugging Face's retrieval forward on the same pairs.

python -m benchmarks.matching --config base --photos 100 --bfloat16

With `--cpu-time` everything runs on one thread, and what counts is the time that thread had a CPU: for a
machine on which other programs run.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from benchmarks.networks import bridgetower_around, config_of, random_network
from benchmarks.report import Row, arguments, report
from benchmarks.timing import take_turns
from model.bridgetower import BridgeTower, probability
from model.weights import Network

CAPTION = (
    "a dog in snow"  # 14 tokens, as the letters of `benchmarks.networks` spell it: a caption's usual length
)
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
    parser.add_argument("--cpu-time", action="store_true", help="one thread, and its CPU seconds")
    options = parser.parse_args()
    if options.cpu_time:
        torch.set_num_threads(1)
    network = random_network(config_of(options.config))
    side = network.config.vision_config.image_size
    pixels = np.random.default_rng(0).standard_normal((options.photos, 3, side, side), dtype=np.float32)
    clock = time.thread_time if options.cpu_time else time.perf_counter
    rows = compare(network, pixels, options.repeats, options.bfloat16, clock)
    title = f"Matching {options.photos} photos with one caption, {options.config} at {side} px"
    notes = ["random weights; seconds: median for all pairs; times faster: median of the rounds' ratios"]
    notes += ["off by: the largest absolute difference from Hugging Face's float32, log-odds and probability"]
    notes += ["a quarter of the tokens: a photo's tokens merged, which is not exact"]
    notes += ["seconds are CPU seconds of one thread"] if options.cpu_time else []
    report(title, rows, notes, options.json)


def compare(
    network: Network, pixels: NDArray[np.float32], repeats: int, bfloat16: bool, clock: Callable[[], float]
) -> list[Row]:
    """One row a way."""
    named = ways_of(network, pixels, torch.float32)
    expected = named["Hugging Face's batch"]()
    if bfloat16:
        low = ways_of(copy_of(network), pixels, torch.bfloat16)
        named |= {f"{name}, bfloat16": way for name, way in low.items()}
    turns = take_turns(list(named.values()), repeats, clock)
    rows: list[Row] = []
    for place, (name, way) in enumerate(named.items()):
        found = way()
        rows.append(
            {
                "way": name,
                "seconds": turns.median(place),
                "times faster": turns.times_faster(place),
                "log-odds off by": float(np.abs(found - expected).max()),
                "probability": float(np.abs(probability(found) - probability(expected)).max()),
            }
        )
        if bfloat16:
            rows[-1]["than bfloat16"] = turns.times_faster(place, len(named) // 2)
    return rows


def copy_of(network: Network) -> Network:
    """The same network in bfloat16, and the first as it was."""
    low = random_network(network.config)
    for module in (low.contrastive, low.retrieval, low.masked_lm):
        if module is not None:
            nn.Module.to(module, torch.bfloat16)  # transformers wraps `to` in a type of its own
    return low


def ways_of(network: Network, pixels: NDArray[np.float32], dtype: torch.dtype) -> dict[str, Way]:
    """Each way to the log-odds of all pairs, float32 (photos,)."""
    model: BridgeTower = bridgetower_around(network, dtype)
    tokens = model.tokenizer([CAPTION] * len(pixels), return_tensors="pt")
    inputs = {name: tokens[name] for name in ("input_ids", "attention_mask")}
    values = torch.from_numpy(pixels).to(dtype)

    def hugging_face() -> NDArray[np.float32]:
        with torch.inference_mode():
            logits = network.retrieval(pixel_values=values, **inputs).logits.float()  # type: ignore[misc]
        log_odds: NDArray[np.float32] = (logits[:, 1] - logits[:, 0]).numpy()
        return log_odds

    def nothing_in_hand() -> NDArray[np.float32]:
        return model.match_states(model.photo_states(pixels), model.caption_states(CAPTION))

    kept = model.photo_states(pixels)
    merged = model.merged(kept)
    return {
        "Hugging Face's batch": hugging_face,
        "nothing in hand": nothing_in_hand,
        "photos in hand": lambda: model.match_states(kept, model.caption_states(CAPTION)),
        "a quarter of the tokens": lambda: model.match_states(merged, model.caption_states(CAPTION)),
    }


if __name__ == "__main__":
    main()
