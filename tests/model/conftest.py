"""Checkpoints with random weights, small enough to make in a test.

`tiny_config()` is a configuration of a few layers; its arguments change it, and `benchmarks.networks` makes
the network. `write_checkpoint(folder, network)` saves it as a checkpoint folder with tokenizer and processor;
`heads` names what to keep. `tiny_folder` is one such folder, for tests that only read, and
`random_pixels(n, side)` are photos after preprocessing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import BridgeTowerConfig

from benchmarks.networks import LETTERS, random_network, write_processor
from model.weights import Network

ALL_HEADS = ("itc_", "itm_", "mlm_", "logit_scale")


@pytest.fixture(scope="session")
def tiny_config() -> Callable[..., BridgeTowerConfig]:
    """3 + 3 tower layers and 2 cross-modal layers of width 128, patches of 16 in 64 px, embeddings of 32."""

    def configure(**changes: Any) -> BridgeTowerConfig:
        text = {
            "vocab_size": len(LETTERS), "hidden_size": 128, "num_hidden_layers": 3,
            "num_attention_heads": 4, "intermediate_size": 256, "max_position_embeddings": 34,
            "pad_token_id": 1,
        }  # fmt: skip
        vision = {"hidden_size": 128, "num_hidden_layers": 3, "patch_size": 16, "image_size": 64}
        settings = {
            "hidden_size": 128, "num_attention_heads": 4, "num_hidden_layers": 2,
            "contrastive_hidden_size": 32, "logit_scale_init_value": 2.6,
            "text_config": text, "vision_config": vision,
        }  # fmt: skip
        return BridgeTowerConfig(**{**settings, **changes})

    return configure


@pytest.fixture(scope="session")
def write_checkpoint() -> Callable[..., Path]:
    """Saves a network as a folder, one safetensors file; returns the folder."""

    def write(folder: Path, network: Network, heads: Sequence[str] = ALL_HEADS) -> Path:
        assert (
            network.contrastive is not None
            and network.retrieval is not None
            and network.masked_lm is not None
        )
        weights: dict[str, Tensor] = {}
        for module in (network.contrastive, network.retrieval, network.masked_lm):
            weights.update(module.state_dict())
        if network.config.tie_word_embeddings:
            del weights["mlm_score.decoder.weight"]
        kept = tuple(heads)
        weights = {name: value for name, value in weights.items() if name.startswith(("bridgetower.", *kept))}
        network.config.save_pretrained(folder)
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        write_processor(folder, network.config)
        return folder

    return write


@pytest.fixture(scope="session")
def tiny_folder(
    tmp_path_factory: pytest.TempPathFactory,
    tiny_config: Callable[..., BridgeTowerConfig],
    write_checkpoint: Callable[..., Path],
) -> Path:
    """A tiny checkpoint with all three heads. Only for reading: copy it before changing anything."""
    return write_checkpoint(tmp_path_factory.mktemp("tiny"), random_network(tiny_config()))


@pytest.fixture(scope="session")
def random_pixels() -> Callable[[int, int], NDArray[np.float32]]:
    """N preprocessed photos of noise, float32 (n, 3, side, side)."""

    def draw(n: int, side: int) -> NDArray[np.float32]:
        return np.random.default_rng(n).standard_normal((n, 3, side, side), dtype=np.float32)

    return draw


STEM = {
    "first": 8,
    "blocks": [[1, 8, 1, 2, 3], [2, 16, 2, 2, 5], [2, 16, 1, 2, 3]],
    "last": 24,
    "hidden": 128,
}


@pytest.fixture
def stem_checkpoint(
    tmp_path: Path, tiny_config: Callable[..., BridgeTowerConfig], write_checkpoint: Callable[..., Path]
) -> Path:
    """A tiny checkpoint that looks through a convolutional stem, a folder of its own."""
    network = random_network(tiny_config(convolutional_stem=STEM))
    folder = write_checkpoint(tmp_path / "stem", network)
    assert network.stem is not None
    weights = load_file(folder / "model.safetensors")
    weights |= {f"stem.{name}": value.contiguous() for name, value in network.stem.state_dict().items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


@pytest.fixture(scope="session")
def stem_pixels(random_pixels: Callable[[int, int], NDArray[np.float32]]) -> NDArray[np.float32]:
    """Two photos of noise at the side that `stem_checkpoint` takes."""
    return random_pixels(2, 64)
