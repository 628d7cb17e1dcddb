"""The exported folder: plain `from_pretrained` loads it four ways, and all give what `BridgeTower` gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor
from transformers import (
    BertTokenizer,
    BridgeTowerForContrastiveLearning,
    BridgeTowerForImageAndTextRetrieval,
    BridgeTowerForMaskedLM,
    BridgeTowerModel,
    BridgeTowerProcessor,
)

from model.bridgetower import BridgeTower
from model.typical_captions import TypicalCaptions
from training.export import TIED, export
from training.mini import DIM, Mini

CAPTION = "a dog on the <mask>"
ATOL = 1e-3


@pytest.fixture(scope="module")
def folder(mini: Mini, tokenizer: BertTokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "mini"
    export(
        mini,
        tokenizer,
        folder,
        15.0,
        TypicalCaptions(np.eye(1, DIM, dtype=np.float32), np.ones(1, np.float32)),
    )
    return folder


@pytest.fixture(scope="module")
def ours(folder: Path) -> BridgeTower:
    return BridgeTower.load(str(folder), device="cpu", dtype=torch.float32)


@pytest.fixture(scope="module")
def pixels() -> NDArray[np.float32]:
    return np.random.default_rng(0).standard_normal((1, 3, 224, 224), dtype=np.float32)


@pytest.fixture(scope="module")
def inputs(folder: Path, ours: BridgeTower, pixels: NDArray[np.float32]) -> dict[str, Tensor]:
    """A caption with a blank, and a photo as the stem gives it to Hugging Face's classes."""
    words = BridgeTowerProcessor.from_pretrained(folder).tokenizer(CAPTION, return_tensors="pt")
    named = {name: words[name] for name in ("input_ids", "attention_mask")}
    return {**named, "image_embeds": ours.first_states(pixels)}


def loaded(kind: Any, folder: Path) -> Any:
    """A public class from the folder as it says it is, in float16; then in float32 for the CPU."""
    module = kind.from_pretrained(folder)
    assert module.dtype == torch.float16
    return module.eval().float()


@torch.inference_mode()
def test_the_contrastive_class_embeds_alike(
    folder: Path, ours: BridgeTower, pixels: NDArray[np.float32], inputs: dict[str, Tensor]
) -> None:
    theirs = loaded(BridgeTowerForContrastiveLearning, folder)(**inputs)
    assert ours.dim == DIM
    np.testing.assert_allclose(ours.embed_images(pixels), theirs.image_embeds.numpy(), atol=ATOL)
    np.testing.assert_allclose(ours.embed_captions([CAPTION]), theirs.text_embeds.numpy(), atol=ATOL)


@torch.inference_mode()
def test_the_matching_class_judges_alike(
    folder: Path, ours: BridgeTower, pixels: NDArray[np.float32], inputs: dict[str, Tensor]
) -> None:
    chance = loaded(BridgeTowerForImageAndTextRetrieval, folder)(**inputs).logits.softmax(-1)[:, 1]
    np.testing.assert_allclose(ours.match(pixels, [CAPTION])[0], chance.numpy(), atol=ATOL)


@torch.inference_mode()
def test_the_masked_lm_class_fills_alike(
    folder: Path, ours: BridgeTower, pixels: NDArray[np.float32], inputs: dict[str, Tensor]
) -> None:
    logits = loaded(BridgeTowerForMaskedLM, folder)(**inputs).logits[0]
    place = inputs["input_ids"][0].tolist().index(ours.tokenizer.mask_token_id)
    chances = logits[place].softmax(-1)
    filling = ours.fill_mask(pixels[0], CAPTION, k=1)[0]
    assert filling.word == ours.tokenizer.decode([int(chances.argmax())])
    assert filling.probability == pytest.approx(chances.max().item(), abs=ATOL)


@torch.inference_mode()
def test_the_backbone_class_pools_alike(folder: Path, ours: BridgeTower, inputs: dict[str, Tensor]) -> None:
    pooled = loaded(BridgeTowerModel, folder)(**inputs).pooler_output
    assert ours.network.retrieval is not None
    logits = ours.network.retrieval(**inputs).logits
    torch.testing.assert_close(ours.network.retrieval.itm_score(pooled), logits, atol=ATOL, rtol=0)


def test_the_processor_prepares_a_photo_alike(folder: Path, ours: BridgeTower) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (260, 340, 3), dtype=np.uint8)
    photo = Image.fromarray(noise)
    theirs = BridgeTowerProcessor.from_pretrained(folder)(photo, CAPTION, return_tensors="np")
    np.testing.assert_allclose(ours.preprocessor(photo), theirs["pixel_values"][0], atol=ATOL)


def test_every_weight_is_kept_once_in_half_precision(mini: Mini, folder: Path) -> None:
    weights, trained = load_file(folder / "model.safetensors"), mini.state_dict()
    assert {tensor.dtype for tensor in weights.values()} == {torch.float16}
    assert trained.keys() - weights.keys() == {TIED}
    assert all(torch.equal(weights[name], trained[name].half()) for name in weights)


def test_the_similarity_weight_lies_beside_the_weights(folder: Path, ours: BridgeTower) -> None:
    assert ours.similarity_weight == 15.0
    settings = json.loads((folder / "bridgelens.json").read_text(encoding="utf-8"))
    second_look = {"look_share": 0.75, "look_weight": 0.4}
    assert settings == {"rerank": {"similarity_weight": 15.0, "hubness_share": 0.5, **second_look}}


def test_typical_captions_lie_beside_the_weights(ours: BridgeTower) -> None:
    assert ours.typical_captions is not None
    assert ours.typical_captions.embeddings.tolist() == [[1.0, *[0.0] * (DIM - 1)]]


def test_the_stem_is_found_again(mini: Mini, ours: BridgeTower, pixels: NDArray[np.float32]) -> None:
    stem = ours.network.stem
    assert stem is not None
    with torch.inference_mode():
        expected = mini.stem(torch.from_numpy(pixels))
        torch.testing.assert_close(stem(torch.from_numpy(pixels)), expected, atol=1e-2, rtol=1e-2)
