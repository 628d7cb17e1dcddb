"""Embedding photos: `embed_images` over Hugging Face's contrastive forward with a caption of no use.

python -m benchmarks.embedding --config base --photos 8 --repeats 5
python -m benchmarks.embedding --config large --photos 128 --device cuda
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from benchmarks.hardware import bfloat16, without_tf32
from benchmarks.networks import bridgetower_around, config_of, random_network
from benchmarks.report import Row, arguments, device_argument, report
from benchmarks.timing import clock_of, take_turns
from model.bridgetower import BridgeTower
from model.device import choose_device
from model.weights import Network


def main() -> None:
    """Time both ways in float32, then in bfloat16 where the CPU or GPU has it."""
    parser = arguments(__doc__)
    parser.add_argument("--config", choices=["mini", "base", "large"], default="base")
    parser.add_argument("--photos", type=int, default=8, help="photos in one batch (default 8)")
    parser.add_argument("--repeats", type=int, default=5, help="timed rounds (default 5)")
    device_argument(parser)
    options = parser.parse_args()
    without_tf32()
    device = choose_device(options.device)
    network = random_network(config_of(options.config), device=device)
    side = network.config.vision_config.image_size
    pixels = np.random.default_rng(0).standard_normal((options.photos, 3, side, side), dtype=np.float32)
    # Without instructions for bfloat16 it is many times slower than float32, which tells nothing.
    slow = device == "cpu" and "no instructions" in bfloat16()
    precisions = [torch.float32] if slow else [torch.float32, torch.bfloat16]
    rows = [compare(network, pixels, precision, options.repeats) for precision in precisions]
    title = f"Embedding {options.photos} photos, {options.config} at {side} px, random weights, on {device}"
    notes = ["ms: median for the whole batch; times faster: median of the rounds' ratios"]
    notes += ["Hugging Face's pixels are on the device before the clock starts; ours are brought there"]
    notes += [f"bfloat16 on this CPU: {bfloat16()}"]
    report(title, rows, notes, options.json)


def compare(network: Network, pixels: NDArray[np.float32], dtype: torch.dtype, repeats: int) -> Row:
    """One row: both ways in one precision. The network is cast, and stays so."""
    for module in (network.backbone, network.contrastive, network.retrieval, network.masked_lm):
        if module is not None:
            nn.Module.to(module, dtype)
    model = bridgetower_around(network, dtype)
    inputs = hugging_faces_inputs(model, pixels)

    def whole_forward() -> NDArray[np.float32]:
        with torch.inference_mode():
            embeddings: NDArray[np.float32] = network.contrastive(**inputs).image_embeds.float().cpu().numpy()  # type: ignore[misc]
        return embeddings

    clock = clock_of(model.device)
    turns = take_turns([whole_forward, lambda: model.embed_images(pixels)], repeats, clock)
    difference = np.abs(whole_forward() - model.embed_images(pixels)).max()
    return {
        "precision": str(dtype).removeprefix("torch."),
        "Hugging Face, ms": 1000 * turns.median(0),
        "ours, ms": 1000 * turns.median(1),
        "photos/s": len(pixels) / turns.median(1),
        "times faster": turns.times_faster(1),
        "largest difference": float(difference),
    }


def hugging_faces_inputs(model: BridgeTower, pixels: NDArray[np.float32]) -> dict[str, Any]:
    """The photos, each with the shortest caption there is."""
    tokens = model.tokenizer(["a"] * len(pixels), return_tensors="pt")
    photos = torch.from_numpy(pixels).to(model.device, model.dtype)
    return {
        "pixel_values": photos,
        "input_ids": tokens["input_ids"].to(model.device),
        "attention_mask": tokens["attention_mask"].to(model.device),
    }


if __name__ == "__main__":
    main()
