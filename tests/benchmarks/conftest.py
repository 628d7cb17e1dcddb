"""A checkpoint of random weights, and four photos with captions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import BridgeTowerConfig

from benchmarks.networks import LETTERS, random_network, write_processor
from model.bridgetower import BridgeTower

COLOURS = {"red": (200, 0, 0), "green": (0, 200, 0), "blue": (0, 0, 200), "grey": (99, 99, 99)}


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Small networks are quicker on one thread where other programs use the cores too."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2 + 2 tower layers and one cross-modal layer of width 64, patches of 16 in 64 px."""
    tower = {"hidden_size": 64, "num_hidden_layers": 2}
    text = {"vocab_size": len(LETTERS), "num_attention_heads": 2, "intermediate_size": 128,
            "max_position_embeddings": 34, "pad_token_id": 1}  # fmt: skip
    contrastive: dict[str, Any] = {"contrastive_hidden_size": 16, "logit_scale_init_value": 2.6}
    config = BridgeTowerConfig(
        hidden_size=64, num_attention_heads=2, num_hidden_layers=1, text_config=tower | text,
        vision_config=tower | {"patch_size": 16, "image_size": 64}, **contrastive,
    )  # fmt: skip
    network = random_network(config)
    folder = tmp_path_factory.mktemp("checkpoint")
    weights: dict[str, Tensor] = {}
    for module in (network.contrastive, network.retrieval, network.masked_lm):
        assert module is not None
        weights |= nn.Module.state_dict(module)
    config.save_pretrained(folder)
    save_file({name: value.clone() for name, value in weights.items()}, folder / "model.safetensors")
    write_processor(folder, config)
    return folder


@pytest.fixture(scope="session")
def model(checkpoint: Path) -> BridgeTower:
    return BridgeTower.load(str(checkpoint), device="cpu")


@pytest.fixture
def captioned(tmp_path: Path) -> Path:
    """`dev.csv` and `dev/`: four photos of one colour each, and two captions of the first."""
    (tmp_path / "dev").mkdir()
    rows = ["image,caption", 'red.png,"all red, and nothing else"']
    for name, colour in COLOURS.items():
        Image.new("RGB", (90, 70), colour).save(tmp_path / "dev" / f"{name}.png")
        rows.append(f"{name}.png,a {name} wall")
    (tmp_path / "dev.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return tmp_path
