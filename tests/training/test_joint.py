"""One step of the joint stage: clusters and blocks by hand, what a know-nothing costs, and who learns."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import BertTokenizer

from model import forward
from training import joint
from training.fusion import CLUSTER
from training.joint import JointData, Looked
from training.mini import DIM, SIDE, Mini, tokenize
from training.relevance import Relevance

PHOTOS = 14
TEXTS = ["a dog runs on grass", "two red boat", "the cat sleeps", "a dog on the snow"]

TAUGHT_IN_A_STEP = (
    "stem.first.weight", "stem.last.weight", "visual.transformer.resblocks.0.attn.in_proj_weight",
    "text_model.encoder.layer.5.attention.self.query.weight", "itm_score.fc.weight", "logit_scale",
    "cross_modal_image_layers.0.crossattention.self.query.weight", "mlm_score.transform.dense.weight",
    "itc_cross_modal_head.fc.weight",
)  # fmt: skip


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def units(n: int, dim: int, seed: int) -> Tensor:
    return F.normalize(torch.randn(n, dim, generator=seeded(seed)), dim=1)


@pytest.fixture(scope="module")
def data(tokenizer: BertTokenizer) -> JointData:
    """Fourteen photos of noise with two captions each, and a teacher that says anything."""
    pixels = torch.randint(0, 256, (PHOTOS, 3, SIDE, SIDE), dtype=torch.uint8, generator=seeded())
    ids, _ = tokenize(tokenizer, [TEXTS[row % len(TEXTS)] for row in range(2 * PHOTOS)])
    owner = torch.arange(PHOTOS).repeat_interleave(2)
    return JointData(pixels, ids, owner, (units(PHOTOS, DIM, 1), units(2 * PHOTOS, DIM, 2)))


@pytest.fixture(scope="module")
def nearest(data: JointData) -> Tensor:
    """Every caption confuses all photos but its own, in the order of their numbers."""
    others = [[photo for photo in range(PHOTOS) if photo != own] for own in data.owner.tolist()]
    return torch.tensor(others)


def test_a_cluster_is_a_captions_photo_and_photos_it_confuses(data: JointData, nearest: Tensor) -> None:
    photos, captions = joint.draw_clusters(data, nearest, seeded())
    assert photos.shape == captions.shape == (joint.CLUSTERS, CLUSTER)
    assert torch.equal(data.owner[captions], photos)
    assert all(len(set(cluster)) == CLUSTER for cluster in photos.tolist())


def test_a_shallow_cluster_takes_the_nearest_alone(
    data: JointData, nearest: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joint, "DEPTHS", (CLUSTER - 1,))
    photos, captions = joint.draw_clusters(data, nearest, seeded())
    for cluster, asked in zip(photos.tolist(), captions[:, 0].tolist(), strict=True):
        assert sorted(cluster[1:]) == nearest[asked, : CLUSTER - 1].tolist()


def test_both_captions_of_a_photo_are_drawn(data: JointData) -> None:
    drawn = data.caption_of(torch.full((100,), 3), seeded())
    assert set(drawn.tolist()) == {6, 7}


def test_the_clusters_own_blocks_are_cut_from_the_whole() -> None:
    whole = torch.arange(4 * CLUSTER * CLUSTER).view(2 * CLUSTER, 2 * CLUSTER)
    blocks = joint.diagonal_blocks(whole)
    assert torch.equal(blocks[0], whole[:CLUSTER, :CLUSTER])
    assert torch.equal(blocks[1], whole[CLUSTER:, CLUSTER:])


def test_some_patches_of_each_photo_stay_and_its_cls_token_does() -> None:
    states = torch.arange(2 * 6).view(2, 6, 1).float()
    kept = joint.some_states(states, 3, seeded())
    assert kept.shape == (2, 4, 1)
    assert kept[:, 0, 0].tolist() == [0.0, 6.0]
    assert set(kept[0, 1:, 0].tolist()) < {1.0, 2.0, 3.0, 4.0, 5.0}
    assert joint.some_states(states, 5, seeded()) is states


def test_words_are_dropped_but_neither_padding_heard_nor_cls_lost() -> None:
    ids = torch.ones(500, 8, dtype=torch.int64)
    ids[:, 6:] = 0
    heard = joint.words_kept(ids, seeded())
    assert heard[:, 0].all()
    assert not heard[:, 6:].any()
    assert heard[:, 1:6].float().mean().item() == pytest.approx(1 - joint.DROPPED, abs=0.03)


def test_odds_that_do_not_tell_apart_cost_the_guess(own_mini: Mini, data: JointData) -> None:
    nn.init.zeros_(own_mini.itm_score.fc.weight)
    nn.init.zeros_(own_mini.itm_score.fc.bias)
    captions = torch.arange(0, 2 * CLUSTER, 2)
    layers = joint.whole_layers(own_mini, data.pixels[:CLUSTER])
    looked = joint.look(own_mini, torch.zeros(1, 3, SIDE, SIDE), data.ids[:1], 49, seeded())
    mask = (data.ids[captions] != 0).long()
    text = forward.caption_layers(own_mini.bridgetower, data.ids[captions], mask)
    looked = Looked(looked.photos, looked.captions, layers, text, mask, looked.features)
    same = torch.eye(CLUSTER).bool()[None]
    loss, pairs = joint.match(own_mini, looked, same, torch.zeros(1, CLUSTER, CLUSTER))
    assert loss.item() == pytest.approx(2 * math.log(CLUSTER) + 0.25 * 2 * math.log(2), abs=1e-5)
    assert len(pairs) == CLUSTER


def test_captions_that_agree_with_their_photos_cost_least() -> None:
    class Scaled:
        logit_scale = torch.tensor(3.0)

    photos = units(4, 8, 3)
    same, relevance = torch.eye(4).bool(), torch.eye(4)
    costs = [
        joint.contrast(Scaled(), Looked(photos, captions, [], [], same, photos), same, relevance).item()  # type: ignore[arg-type]
        for captions in (photos, photos.roll(1, 0))
    ]
    assert costs[0] < costs[1]


class Classes(nn.Module):
    """A photo teacher of two classes, which are the sign of its first feature."""

    def __init__(self) -> None:
        super().__init__()
        self._fc = nn.Linear(3, 2)

    def forward(self, pixels: Tensor) -> Tensor:
        return self._fc(pixels.mean((2, 3)))  # type: ignore[no-any-return]


def test_features_that_are_still_the_teachers_cost_nothing(data: JointData) -> None:
    values = torch.rand(5, 3, 4, 4, generator=seeded())
    teacher = Classes()
    known = JointData(data.pixels, data.ids, data.owner, None, teacher)
    features = values.mean((2, 3))
    kept, changed = (
        Looked(features, features, [], [], features, each) for each in (features, features + torch.randn(3))
    )
    assert joint.known(known, kept, values).item() == pytest.approx(0, abs=1e-6)
    assert joint.known(known, changed, values) > 1e-4


def test_one_step_teaches_stem_towers_and_fusion(
    own_mini: Mini,
    tokenizer: BertTokenizer,
    data: JointData,
    nearest: Tensor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(joint, "CLUSTERS", 1)
    relevant = Relevance(units(2 * PHOTOS, 16, 4), data.owner)
    own_mini.train()
    torch.manual_seed(0)
    loss = joint.joint_loss(own_mini, tokenizer, data, relevant, nearest, step=0)
    loss.backward()
    learned = {
        name for name, each in own_mini.named_parameters() if each.grad is not None and each.grad.any()
    }
    for part in TAUGHT_IN_A_STEP:
        assert any(part in name for name in learned), part
