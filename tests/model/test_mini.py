"""The bundled checkpoint: an ordinary folder for transformers, and vectors that must not drift."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from transformers import (
    BridgeTowerForContrastiveLearning,
    BridgeTowerForImageAndTextRetrieval,
    BridgeTowerForMaskedLM,
    BridgeTowerModel,
    BridgeTowerProcessor,
)

from model.bridgetower import BridgeTower
from model.checkpoint import MINI_FOLDER

CAPTIONS = ["a dog", "two children are playing with a red ball on the beach"]
PINNED = json.loads((Path(__file__).parent / "mini_vectors.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def mini() -> BridgeTower:
    return BridgeTower.load("mini", device="cpu")


@pytest.fixture(scope="module")
def pixels(mini: BridgeTower) -> NDArray[np.float32]:
    """Two smooth colour gradients, landscape and portrait, preprocessed."""
    return np.stack([mini.preprocessor(gradient(320, 240)), mini.preprocessor(gradient(150, 400))])


def loaded(kind: Any) -> Any:
    """One of transformers' classes with mini's weights, float32, evaluation mode."""
    return kind.from_pretrained(MINI_FOLDER, dtype=torch.float32).eval()


def gradient(width: int, height: int) -> Image.Image:
    columns = np.linspace(0, 255, width, dtype=np.uint8)[None, :].repeat(height, 0)
    rows = np.linspace(255, 0, height, dtype=np.uint8)[:, None].repeat(width, 1)
    return Image.fromarray(np.stack([columns, rows, np.full_like(rows, 90)], axis=2))


def test_one_weights_file_below_90_megabytes() -> None:
    files = list(MINI_FOLDER.glob("*.safetensors"))
    assert [file.name for file in files] == ["model.safetensors"]
    assert files[0].stat().st_size < 90_000_000


def test_all_three_heads_and_the_notice(mini: BridgeTower) -> None:
    assert (mini.dim, mini.can_embed, mini.can_match) == (256, True, True)
    assert mini.network.masked_lm is not None
    assert mini.notice is not None and "--model large" in mini.notice


def test_the_processor_prepares_what_our_preprocessor_does(mini: BridgeTower) -> None:
    processor = BridgeTowerProcessor.from_pretrained(MINI_FOLDER)
    photo = gradient(500, 300)
    theirs = processor(photo, "a dog", return_tensors="pt")["pixel_values"][0].numpy()
    np.testing.assert_array_equal(mini.preprocessor(photo), theirs)


def test_all_four_classes_load_it_and_agree(mini: BridgeTower, pixels: NDArray[np.float32]) -> None:
    words = mini.tokenizer(CAPTIONS, padding=True, return_tensors="pt")
    given = {**words, "image_embeds": mini.first_states(pixels)}
    with torch.inference_mode():
        pair = loaded(BridgeTowerForContrastiveLearning)(**given)
        logits = loaded(BridgeTowerForImageAndTextRetrieval)(**given).logits
        words_logits = loaded(BridgeTowerForMaskedLM)(**given).logits
        bare = loaded(BridgeTowerModel)(**given)
    np.testing.assert_allclose(mini.embed_images(pixels), pair.image_embeds.numpy(), atol=1e-5)
    np.testing.assert_allclose(mini.embed_captions(CAPTIONS), pair.text_embeds.numpy(), atol=1e-5)
    matched = np.diagonal(mini.match(pixels, CAPTIONS))
    np.testing.assert_allclose(matched, logits.softmax(-1)[:, 1].numpy(), atol=1e-5)
    assert mini.network.masked_lm is not None
    ours = mini.network.masked_lm.mlm_score(bare.text_features)
    torch.testing.assert_close(ours, words_logits, atol=1e-4, rtol=0)


def test_its_words_are_those_it_fills_blanks_with(mini: BridgeTower, pixels: NDArray[np.float32]) -> None:
    assert {"dog", "beach", "red"} <= set(mini.words)
    chances = mini.word_log_probabilities(mini.photo_states(pixels), "a photo of a <mask>")
    assert chances.shape == (2, len(mini.words))
    best = mini.fill_mask(pixels[1], "a photo of a <mask>", k=1)[0]
    assert np.exp(chances[1, mini.words.index(best.word)]) == pytest.approx(best.probability, rel=1e-4)


def test_its_heat_maps_and_tags_were_measured(mini: BridgeTower, pixels: NDArray[np.float32]) -> None:
    assert mini.heat_map(pixels[0], CAPTIONS[0]).shape == (7, 7)
    assert mini.heat_map_right is not None and mini.heat_map_right > 0.75
    assert mini.tag_probability is not None


def test_pinned_vectors(mini: BridgeTower, pixels: NDArray[np.float32]) -> None:
    """Anything that moves these changes what every library made with mini finds."""
    assert mini.fingerprint == PINNED["fingerprint"]
    np.testing.assert_allclose(mini.embed_images(pixels)[:, :8], PINNED["photos"], atol=1e-4)
    np.testing.assert_allclose(mini.embed_captions(CAPTIONS)[:, :8], PINNED["captions"], atol=1e-4)
    np.testing.assert_allclose(mini.match(pixels, CAPTIONS), PINNED["matches"], atol=1e-4)
