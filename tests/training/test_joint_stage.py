"""The joint stage: who learns at which rate, whom the towers confuse, and weights on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch.nn import functional as F
from transformers import BertTokenizer

from training import joint, joint_stage
from training.contrastive import embed_tokens
from training.fusion import embed_photo_cls
from training.joint import JointData, whole_layers
from training.journal import Journal
from training.loop import StagePlan
from training.mini import DIM, SIDE, Mini, mini_config, tokenize
from training.relevance import Relevance

PHOTOS = 13


@pytest.fixture(scope="module")
def data(tokenizer: BertTokenizer) -> JointData:
    """Thirteen photos of noise with a caption each."""
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (PHOTOS, 3, SIDE, SIDE), dtype=torch.uint8, generator=generator)
    ids, _ = tokenize(tokenizer, ["a dog runs", "the red boat", "two cat on snow", "a cat"] * 3 + ["grass"])
    taught = [F.normalize(torch.randn(PHOTOS, DIM, generator=generator), dim=1) for _ in range(2)]
    return JointData(pixels, ids, torch.arange(PHOTOS), (taught[0], taught[1]))


def test_each_part_learns_at_its_own_rate_and_words_stand_still() -> None:
    with torch.device("meta"):
        mini = Mini(mini_config(100))
    rate_of = {id(each): group["lr"] for group in joint_stage.grouped(mini) for each in group["params"]}
    rates = {name: rate_of.get(id(each), 0) for name, each in mini.named_parameters()}
    assert rates["stem.first.weight"] == rates["stem.blocks.10.project.weight"] == 3e-5
    assert rates["stem.blocks.11.expand.weight"] == rates["stem.last.bias"] == 1e-4
    assert rates["stem.projection.weight"] == 2e-4
    assert rates["itm_score.fc.weight"] == rates["itc_text_head.fc.weight"] == 3e-4
    assert rates["bridgetower.text_model.encoder.layer.3.output.dense.weight"] == 5e-5
    for still in ("embeddings.word_embeddings.weight", "encoder.layer.2.output.dense.weight"):
        assert rates[f"bridgetower.text_model.{still}"] == 0
    for name, each in mini.named_parameters():
        assert each.requires_grad == (rates[name] > 0), name


@torch.no_grad()
def test_the_nearest_wrong_photos_come_first(own_mini: Mini, data: JointData) -> None:
    nearest = joint_stage.confusing(own_mini, data)
    own_mini.eval()
    with torch.autocast("cpu", torch.bfloat16):
        photos = embed_photo_cls(own_mini, whole_layers(own_mini, data.pixels)[-1][:, 0])
        captions = embed_tokens(own_mini, data.ids, (data.ids != 0).long())
    scores = captions.float() @ photos.T
    assert nearest.shape == (PHOTOS, PHOTOS - 1)
    for caption, found in enumerate(nearest.tolist()):
        assert caption not in found
        assert scores[caption][found].tolist() == sorted(scores[caption][found].tolist(), reverse=True)


def test_weights_between_are_on_the_line() -> None:
    start, end = {"w": torch.tensor([0.0, 4.0])}, {"w": torch.tensor([4.0, 0.0])}
    assert joint_stage.weights_between(start, end, 0.75)["w"].tolist() == [3.0, 1.0]


def test_a_stage_changes_what_learns_and_leaves_what_does_not(
    own_mini: Mini, tokenizer: BertTokenizer, data: JointData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joint, "CLUSTERS", 1)
    relevant = Relevance(F.normalize(torch.randn(PHOTOS, 8), dim=1), data.owner)
    before = {name: value.clone() for name, value in own_mini.state_dict().items()}
    plan = StagePlan("joint", steps=2, evaluate_every=2, average=0.5)
    journal = Journal(tmp_path / "journal.jsonl")
    joint_stage.learn_jointly(own_mini, tokenizer, data, data, relevant, plan, tmp_path, journal)
    after = own_mini.state_dict()

    def changed(name: str) -> bool:
        return not torch.equal(before[name], after[name])

    assert changed("stem.first.weight")
    assert changed("itm_score.fc.weight")
    assert not changed("bridgetower.text_model.embeddings.word_embeddings.weight")
    assert '"similarity@1"' in (tmp_path / "journal.jsonl").read_text()
    assert (tmp_path / "joint.pt").exists()
