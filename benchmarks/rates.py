"""A checkpoint in a second: photos embedded; pairs matched, with the towers' states in hand and without.

python -m benchmarks.rates --model mini
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Row, arguments, device_argument, report
from benchmarks.timing import clock_of, take_turns
from model.bridgetower import BridgeTower
from search.second_look import judged_states

CAPTION = "two dogs are running on a beach"


def main() -> None:
    """Time both on noise of the checkpoint's own size: what a photo shows does not change what it costs."""
    parser = arguments(__doc__)
    parser.add_argument("--model", default="mini")
    device_argument(parser, "auto")
    parser.add_argument("--photos", type=int, default=128, help="photos embedded at once (default 128)")
    parser.add_argument("--pairs", type=int, default=100, help="photos matched with a caption (default 100)")
    parser.add_argument("--repeats", type=int, default=5, help="timed rounds (default 5)")
    options = parser.parse_args()
    model = BridgeTower.load(options.model, device=options.device)
    clock = clock_of(model.device)
    side = int(model.network.config.vision_config.image_size)
    pixels = np.random.default_rng(0).standard_normal((options.photos, 3, side, side), dtype=np.float32)
    rows: list[Row] = []
    if model.can_embed:
        rates = rates_of(lambda: model.embed_images(pixels), options.photos, options.repeats, clock)
        rows.append(row("photos embedded", rates))
    if model.can_match:
        photos = model.photo_states(pixels[: options.pairs])
        caption = model.caption_states(CAPTION)
        rates = rates_of(lambda: model.match_states(photos, caption), len(photos), options.repeats, clock)
        rows.append(row("pairs matched, towers' states in hand", rates))
        cold = rates_of(
            lambda: from_nothing(model, pixels[: options.pairs]), len(photos), options.repeats, clock
        )
        rows.append(row("pairs matched, nothing in hand", cold))
    notes = [f"model {model.name} {model.fingerprint}, {model.dtype}, on {model.device}"]
    report("What a checkpoint does in a second", rows, notes, options.json)


def from_nothing(model: BridgeTower, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log-odds of photos, float32 (n, 3, side, side), with the caption, (n,), as a first search has them."""
    return model.match_states(judged_states(model, pixels), model.caption_states(CAPTION))


def rates_of(
    work: Callable[[], object], count: int, repeats: int, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Things a second in each round, after one that does not count."""
    return [count / seconds for seconds in take_turns([work], repeats, clock).seconds[0]]


def row(name: str, rates: list[float]) -> Row:
    """The median round, and the slowest and fastest."""
    return {"": name, "a second": float(np.median(rates)), "slowest": min(rates), "fastest": max(rates)}


if __name__ == "__main__":
    main()
