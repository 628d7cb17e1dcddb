"""`BridgeTower` from a folder: what it gives equals Hugging Face's forwards at the shapes people use.

The proof: random weights and photos, float32, captions of unequal length padded into a batch; 1e-5 absolute.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional as F
from transformers import (
    BridgeTowerConfig,
    BridgeTowerForContrastiveLearning,
    BridgeTowerForImageAndTextRetrieval,
    BridgeTowerForMaskedLM,
)

from benchmarks.networks import bridgetower_around, config_of, random_network
from model import forward
from model.bridgetower import BridgeTower, probability
from model.checkpoint import MINI_NOTICE
from model.errors import CheckpointNotFound, DeviceUnavailable, HeadMissing, ModelError

TOLERANCE = 1e-5
LOG_ODDS_TOLERANCE = 4 * TOLERANCE  # the sigmoid's slope is at most 1/4
CAPTIONS = ["a dog", "two cats in a box"]
BLANK = "a <mask> on it"

Configure = Callable[..., BridgeTowerConfig]
Draw = Callable[[int, int], NDArray[np.float32]]
Pixels = NDArray[np.float32]


def assert_close(found: NDArray[np.float32], expected: torch.Tensor, tolerance: float = TOLERANCE) -> None:
    assert found.dtype == np.float32
    assert found.shape == tuple(expected.shape)
    assert float(np.abs(found - expected.numpy()).max()) < tolerance


@torch.inference_mode()
def assert_equals_hugging_face(
    model: BridgeTower,
    contrastive: BridgeTowerForContrastiveLearning,
    retrieval: BridgeTowerForImageAndTextRetrieval,
    masked_lm: BridgeTowerForMaskedLM,
    pixels: Pixels,
) -> None:
    """Photo i with caption i through Hugging Face's classes, every photo and caption through ours."""
    tokens = model.tokenizer(CAPTIONS, padding=True, return_tensors="pt")
    assert len(set(tokens["attention_mask"].sum(1).tolist())) == len(CAPTIONS) == len(pixels) == 2
    inputs = {
        "pixel_values": torch.from_numpy(pixels),
        **{k: tokens[k] for k in ("input_ids", "attention_mask")},
    }
    embeddings = contrastive(**inputs)
    assert_close(model.embed_images(pixels), embeddings.image_embeds)
    assert_close(model.embed_captions(CAPTIONS), embeddings.text_embeds)
    expected = retrieval(**inputs).logits
    odds = model.match_log_odds(pixels, CAPTIONS)
    assert odds.shape == (2, 2)
    assert_close(np.diagonal(odds), expected[:, 1] - expected[:, 0], LOG_ODDS_TOLERANCE)
    assert_close(np.diagonal(probability(odds)), F.softmax(expected, dim=-1)[:, 1])
    assert_masked_lm_equal(model, masked_lm, pixels)


def assert_masked_lm_equal(model: BridgeTower, masked_lm: BridgeTowerForMaskedLM, pixels: Pixels) -> None:
    texts = [BLANK, "<mask>"]
    tokens = model.tokenizer(texts, padding=True, return_tensors="pt")
    ids, mask = tokens["input_ids"], tokens["attention_mask"]
    expected = masked_lm(pixel_values=torch.from_numpy(pixels), input_ids=ids, attention_mask=mask).logits
    photos = model.photo_states(pixels)
    states = forward.caption_states(model.network.backbone, ids, mask)
    text, _ = forward.fuse(model.network.backbone, photos, states, cls_only=False)
    assert model.network.masked_lm is not None
    real = mask.bool()
    assert_close(model.network.masked_lm.mlm_score(text)[real].numpy(), expected[real])
    blanks = expected[ids == model.tokenizer.mask_token_id]  # (2, vocabulary)
    best = F.softmax(blanks[0], dim=-1).topk(5)
    found = model.fill_mask(pixels[0], BLANK)
    assert [filling.word for filling in found] == [model.tokenizer.decode([i]).strip() for i in best.indices]
    assert [filling.probability for filling in found] == pytest.approx(best.values.tolist(), abs=TOLERANCE)


def test_mini_from_a_folder_equals_hugging_face_from_that_folder(
    tmp_path: Path, write_checkpoint: Callable[..., Path], random_pixels: Draw
) -> None:
    folder = write_checkpoint(tmp_path, random_network(config_of("mini")))
    assert_equals_hugging_face(
        BridgeTower.load(str(folder), device="cpu"),
        BridgeTowerForContrastiveLearning.from_pretrained(folder),
        BridgeTowerForImageAndTextRetrieval.from_pretrained(folder),
        BridgeTowerForMaskedLM.from_pretrained(folder),
        random_pixels(2, 224),
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["base", "large"])
def test_full_size_equals_hugging_face(name: str, random_pixels: Draw) -> None:
    network = random_network(config_of(name))  # Hugging Face's classes and ours read the same tensors
    assert network.contrastive is not None and network.retrieval is not None and network.masked_lm is not None
    pixels = random_pixels(2, network.config.vision_config.image_size)
    model = bridgetower_around(network)
    assert_equals_hugging_face(model, network.contrastive, network.retrieval, network.masked_lm, pixels)


@pytest.fixture(scope="module")
def model(tiny_folder: Path) -> BridgeTower:
    return BridgeTower.load(str(tiny_folder), device="cpu")


def test_what_a_loaded_model_says_of_itself(model: BridgeTower, tiny_folder: Path) -> None:
    assert (model.name, model.device, model.dtype, model.dim) == (str(tiny_folder), "cpu", torch.float32, 32)
    assert (model.can_match, model.notice, model.similarity_weight) == (True, None, 0.0)
    assert model._tokens.longest == 34 - 1 - 1  # the positions, less those up to the padding id 1


def test_mini_says_what_it_is(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.checkpoint.MINI_FOLDER", tiny_folder)
    assert BridgeTower.load().notice == MINI_NOTICE
    assert "--model large" in MINI_NOTICE


def test_embeddings_have_unit_norm(model: BridgeTower, random_pixels: Draw) -> None:
    for embeddings in (model.embed_images(random_pixels(3, 64)), model.embed_captions(CAPTIONS)):
        assert np.linalg.norm(embeddings, axis=1) == pytest.approx(np.ones(len(embeddings)), abs=1e-6)


def test_nothing_in_nothing_out(model: BridgeTower, random_pixels: Draw) -> None:
    none = np.empty((0, 3, 64, 64), np.float32)
    assert model.embed_images(none).shape == (0, 32)
    assert model.embed_captions([]).shape == (0, 32)
    assert model.match(none, CAPTIONS).shape == (0, 2)
    assert model.match(random_pixels(2, 64), []).shape == (2, 0)


def test_more_photos_than_a_batch_come_out_in_order(model: BridgeTower, random_pixels: Draw) -> None:
    pixels = random_pixels(19, 64)  # batches are of 16 on the CPU
    for compute in (model.embed_images, lambda some: model.match_log_odds(some, CAPTIONS)):
        alone = np.concatenate([compute(pixels[row : row + 1]) for row in range(19)])
        assert np.abs(compute(pixels) - alone).max() < TOLERANCE


def test_a_preprocessed_photo_fits_the_model(model: BridgeTower) -> None:
    pixels = model.preprocessor(Image.new("RGB", (70, 33), "red"))
    assert model.embed_images(pixels[None]).shape == (1, 32)


def test_a_caption_is_judged_alike_alone_and_among_longer_ones(model: BridgeTower) -> None:
    among = model.embed_captions(["a", "a much longer caption"])[0]
    assert np.abs(model.embed_captions(["a"])[0] - among).max() < TOLERANCE


def test_threads_that_ask_for_different_lengths_get_their_own(model: BridgeTower) -> None:
    """One asks how long captions are, the other embeds them: none comes out longer than the model reads."""
    long = "dog " * 3 * model._tokens.longest
    expected = model.embed_captions([long])

    def embed(_: int) -> bool:
        return bool(np.array_equal(model.embed_captions([long]), expected))

    with ThreadPoolExecutor(8) as threads:
        truncated = threads.map(model.caption_is_truncated, [long] * 100)
        embedded = threads.map(embed, range(100))
        assert all(truncated) and all(embedded)


def test_one_photo_is_judged_with_several_captions_at_once(model: BridgeTower, random_pixels: Draw) -> None:
    photos = model.photo_states(random_pixels(2, 64))
    captions = model.caption_states(CAPTIONS)
    each = model.match_log_odds(random_pixels(2, 64), CAPTIONS)
    one = photos.select(slice(1, 2))
    np.testing.assert_allclose(model.match_states(one, captions), each[1], atol=LOG_ODDS_TOLERANCE)
    np.testing.assert_allclose(
        model.match_states(photos, captions), np.diagonal(each), atol=LOG_ODDS_TOLERANCE
    )


def test_a_long_caption_is_truncated_and_said_to_be(model: BridgeTower) -> None:
    fits, long = "a" * 30, "a" * 31  # one token a letter, and <s> and </s>: 32 fit
    assert not model.caption_is_truncated(fits)
    assert model.caption_is_truncated(long)
    assert np.abs(model.embed_captions([long]) - model.embed_captions([fits])).max() < TOLERANCE


def test_match_is_the_probability_of_the_log_odds(model: BridgeTower, random_pixels: Draw) -> None:
    pixels = random_pixels(3, 64)
    odds = model.match_log_odds(pixels, CAPTIONS).astype(np.float64)
    assert model.match(pixels, CAPTIONS) == pytest.approx(1 / (1 + np.exp(-odds)), abs=1e-6)


def test_probability_is_the_sigmoid() -> None:
    odds = np.array([[-1000, 0, np.log(3), 1000]], np.float32)
    assert probability(odds)[0].tolist() == pytest.approx([0, 0.5, 0.75, 1])


@pytest.mark.parametrize("caption", ["no blank", "<mask> and <mask>", "a" * 40 + "<mask>"])
def test_fill_mask_wants_one_blank_within_reach(
    model: BridgeTower, random_pixels: Draw, caption: str
) -> None:
    with pytest.raises(ModelError, match="expected one <mask>"):
        model.fill_mask(random_pixels(1, 64)[0], caption)


def test_fill_mask_gives_at_most_the_vocabulary(model: BridgeTower, random_pixels: Draw) -> None:
    found = model.fill_mask(random_pixels(1, 64)[0], BLANK, k=10_000)
    assert len(found) == 32  # the letters, the specials and the space
    assert sum(filling.probability for filling in found) == pytest.approx(1)
    assert [filling.probability for filling in found] == sorted((f.probability for f in found), reverse=True)


@pytest.fixture
def make_headless(
    tmp_path: Path, tiny_config: Configure, write_checkpoint: Callable[..., Path]
) -> Callable[..., BridgeTower]:
    """Loads a tiny checkpoint that has only the named heads."""

    def load(*heads: str) -> BridgeTower:
        return BridgeTower.load(
            str(write_checkpoint(tmp_path, random_network(tiny_config()), heads)), device="cpu"
        )

    return load


def test_without_contrastive_heads_it_matches_but_does_not_embed(
    make_headless: Callable[..., BridgeTower], random_pixels: Draw
) -> None:
    model, pixels = make_headless("itm_", "mlm_"), random_pixels(1, 64)
    for embed in (lambda: model.dim, lambda: model.embed_images(pixels), lambda: model.embed_captions(["a"])):
        with pytest.raises(HeadMissing, match=r"no trained contrastive head.*--model mini or large"):
            embed()
    assert model.can_match
    assert model.match(pixels, ["a"]).shape == (1, 1)
    assert len(model.fill_mask(pixels[0], BLANK)) == 5


def test_without_the_other_heads_it_embeds_but_does_not_match(
    make_headless: Callable[..., BridgeTower], random_pixels: Draw
) -> None:
    model, pixels = make_headless("itc_", "logit_scale"), random_pixels(1, 64)
    assert not model.can_match
    assert model.embed_images(pixels).shape == (1, 32)
    with pytest.raises(HeadMissing, match=r"image-text-matching.*--model mini, base or large"):
        model.match(pixels, ["a"])
    with pytest.raises(HeadMissing, match=r"image-text-matching"):
        model.match_states(model.photo_states(pixels), model.caption_states("a"))
    with pytest.raises(HeadMissing, match=r"masked-LM.*--model mini, base or large"):
        model.fill_mask(pixels[0], BLANK)


def test_bfloat16_stays_near_float32(tiny_folder: Path, model: BridgeTower, random_pixels: Draw) -> None:
    half, pixels = (
        BridgeTower.load(str(tiny_folder), device="cpu", dtype=torch.bfloat16),
        random_pixels(2, 64),
    )
    found = half.embed_images(pixels)
    assert found.dtype == np.float32
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(2), abs=1e-6)
    assert np.sum(found * model.embed_images(pixels), axis=1).min() > 0.995
    assert np.abs(half.match(pixels, CAPTIONS) - model.match(pixels, CAPTIONS)).max() < 0.05


def test_load_refuses_what_is_not_there(tiny_folder: Path) -> None:
    with pytest.raises(CheckpointNotFound):
        BridgeTower.load("nobody/nothing", device="cpu")
    with pytest.raises(DeviceUnavailable):
        BridgeTower.load(str(tiny_folder), device="abacus")
