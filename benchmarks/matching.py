"""Re-ranking: ITM of one caption with many photos over Hugging Face's retrieval forward on the same pairs.

python -m benchmarks.matching --config base --photos 32 --repeats 3
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.networks import bridgetower_around, config_of, random_network
from benchmarks.report import Row, arguments, report
from benchmarks.timing import take_turns
from model.bridgetower import probability
from model.weights import Network

CAPTION = "two dogs are running on a beach"


def main() -> None:
    """Time Hugging Face's batch, ours with nothing in hand, and ours with the photos' states in hand."""
    parser = arguments(__doc__)
    parser.add_argument("--config", choices=["mini", "base", "large"], default="base")
    parser.add_argument(
        "--photos", type=int, default=32, help="pairs of a photo with the caption (default 32)"
    )
    parser.add_argument("--repeats", type=int, default=3, help="timed rounds (default 3)")
    options = parser.parse_args()
    network = random_network(config_of(options.config))
    side = network.config.vision_config.image_size
    pixels = np.random.default_rng(0).standard_normal((options.photos, 3, side, side), dtype=np.float32)
    rows = compare(network, pixels, options.repeats)
    title = f"Matching {options.photos} photos with one caption, {options.config} at {side} px, float32"
    notes = ["random weights; seconds: median for all pairs; times faster: median of the rounds' ratios"]
    notes += ["off by: the largest absolute difference from Hugging Face's, of log-odds and of probability"]
    report(title, rows, notes, options.json)


def compare(network: Network, pixels: NDArray[np.float32], repeats: int) -> list[Row]:
    """One row a way."""
    model = bridgetower_around(network)
    tokens = model.tokenizer([CAPTION] * len(pixels), return_tensors="pt")
    inputs = {name: tokens[name] for name in ("input_ids", "attention_mask")}

    def hugging_face() -> NDArray[np.float32]:
        with torch.inference_mode():
            logits = network.retrieval(pixel_values=torch.from_numpy(pixels), **inputs).logits  # type: ignore[misc]
        log_odds: NDArray[np.float32] = (logits[:, 1] - logits[:, 0]).numpy()
        return log_odds

    def nothing_in_hand() -> NDArray[np.float32]:
        return model.match_states(model.photo_states(pixels), model.caption_states(CAPTION))

    kept = model.photo_states(pixels)

    def photos_in_hand() -> NDArray[np.float32]:
        return model.match_states(kept, model.caption_states(CAPTION))

    ways = {
        "Hugging Face's batch": hugging_face,
        "nothing in hand": nothing_in_hand,
        "photos in hand": photos_in_hand,
    }
    turns = take_turns(list(ways.values()), repeats)
    expected = hugging_face()
    return [
        {
            "way": name,
            "seconds": turns.median(place),
            "ms a pair": 1000 * turns.median(place) / len(pixels),
            "times faster": turns.times_faster(place),
            "log-odds off by": float(np.abs(way() - expected).max()),
            "probability": float(np.abs(probability(way()) - probability(expected)).max()),
        }
        for place, (name, way) in enumerate(ways.items())
    ]


if __name__ == "__main__":
    main()
