"""Checkpoint folders to one network: what loads, what loads alike, and what is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import BridgeTowerConfig, BridgeTowerForMaskedLM

from benchmarks.networks import random_network
from model.errors import CheckpointInvalid
from model.weights import Network, build_network, read_weights


@pytest.fixture
def folder(tiny_folder: Path, tmp_path: Path) -> Path:
    """A copy of the tiny checkpoint, to be changed."""
    return Path(shutil.copytree(tiny_folder, tmp_path / "copy"))


def keep(folder: Path, wanted: Callable[[str], bool]) -> None:
    """Leave out of the weights what is not wanted."""
    weights = load_file(folder / "model.safetensors")
    save_file({name: value for name, value in weights.items() if wanted(name)}, folder / "model.safetensors")


def parameters(network: Network) -> dict[str, Tensor]:
    """Every parameter of the three heads and the backbone by its name in a checkpoint."""
    found: dict[str, Tensor] = {}
    for module in (network.contrastive, network.retrieval, network.masked_lm):
        if module is not None:
            found.update(module.state_dict())
    return found


def equal(first: Network, second: Network) -> bool:
    mine, theirs = parameters(first), parameters(second)
    return mine.keys() == theirs.keys() and all(torch.equal(mine[name], theirs[name]) for name in mine)


def test_every_weight_is_the_one_in_the_file(folder: Path) -> None:
    loaded, written = (
        parameters(build_network(folder, torch.float32)),
        load_file(folder / "model.safetensors"),
    )
    assert loaded.keys() == written.keys()
    assert all(torch.equal(loaded[name], written[name]) for name in loaded)


def test_the_three_heads_share_one_backbone_that_does_not_train(folder: Path) -> None:
    network = build_network(folder, torch.float32)
    assert network.contrastive is not None and network.retrieval is not None and network.masked_lm is not None
    for head in (network.contrastive, network.retrieval, network.masked_lm):
        assert head.bridgetower is network.backbone
        assert not head.training
        assert not any(parameter.requires_grad for parameter in head.parameters())
        assert not any(tensor.is_meta for tensor in [*head.parameters(), *head.buffers()])


def test_buffers_are_those_that_hugging_face_makes(folder: Path) -> None:
    mine = dict(build_network(folder, torch.float32).backbone.named_buffers())
    theirs = dict(BridgeTowerForMaskedLM.from_pretrained(folder).bridgetower.named_buffers())
    assert mine.keys() == theirs.keys()
    assert all(torch.equal(mine[name], theirs[name]) for name in mine)


def test_weights_are_cast_to_the_precision_asked_for(folder: Path) -> None:
    network = build_network(folder, torch.bfloat16)
    assert {tensor.dtype for tensor in parameters(network).values()} == {torch.bfloat16}


def test_shards_load_like_one_file(folder: Path, tmp_path: Path) -> None:
    whole = build_network(folder, torch.float32)
    weights = load_file(folder / "model.safetensors")
    names = sorted(weights)
    for part, some in enumerate((names[::2], names[1::2]), start=1):
        save_file({name: weights[name] for name in some}, folder / f"model-{part:05}-of-00002.safetensors")
    (folder / "model.safetensors").unlink()
    assert equal(build_network(folder, torch.float32), whole)


def test_a_pytorch_file_loads_like_safetensors(folder: Path) -> None:
    whole = build_network(folder, torch.float32)
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    assert equal(build_network(folder, torch.float32), whole)


def test_a_tied_output_layer_is_the_word_embeddings(
    tmp_path: Path,
    tiny_config: Callable[..., BridgeTowerConfig],
    write_checkpoint: Callable[..., Path],
) -> None:
    folder = write_checkpoint(tmp_path, random_network(tiny_config(tie_word_embeddings=True)))
    assert "mlm_score.decoder.weight" not in read_weights(folder)
    network = build_network(folder, torch.float32)
    assert network.masked_lm is not None
    words = network.backbone.text_model.embeddings.word_embeddings.weight
    assert network.masked_lm.mlm_score.decoder.weight.data_ptr() == words.data_ptr()


@pytest.mark.parametrize(
    ("kept", "present"),
    [
        (("itc_", "logit_scale"), (True, False, False)),
        (("itm_",), (False, True, False)),
        (("mlm_",), (False, False, True)),
        (("itm_", "mlm_", "logit_scale"), (False, True, True)),
        ((), (False, False, False)),
    ],
)
def test_a_head_without_weights_does_not_exist(
    folder: Path, kept: Sequence[str], present: tuple[bool, ...]
) -> None:
    keep(folder, lambda name: name.startswith(("bridgetower.", *kept)))
    network = build_network(folder, torch.float32)
    assert (
        tuple(head is not None for head in (network.contrastive, network.retrieval, network.masked_lm))
        == present
    )


@pytest.mark.parametrize(
    "missing",
    [
        "itc_image_head.fc.bias",
        "itc_image_head.fc.weight",
        "itm_score.fc.weight",
        "mlm_score.transform.dense.bias",
    ],
)
def test_part_of_a_head_is_refused_by_name(folder: Path, missing: str) -> None:
    keep(folder, lambda name: name != missing)
    with pytest.raises(CheckpointInvalid, match=f"1 weights are missing.*{missing}"):
        build_network(folder, torch.float32)


def test_contrastive_heads_without_the_image_head_are_part_of_a_head(folder: Path) -> None:
    keep(folder, lambda name: not name.startswith("itc_image_head."))
    with pytest.raises(CheckpointInvalid, match=r"2 weights are missing.*itc_image_head\.fc"):
        build_network(folder, torch.float32)


def test_part_of_a_backbone_is_refused(folder: Path) -> None:
    keep(folder, lambda name: "cross_modal_text_link_tower" not in name)
    with pytest.raises(
        CheckpointInvalid, match="2 weights are missing, among them cross_modal_text_link_tower"
    ):
        build_network(folder, torch.float32)


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_a_truncated_file_is_refused_by_name(folder: Path, name: str) -> None:
    if name == "pytorch_model.bin":
        torch.save(load_file(folder / "model.safetensors"), folder / name)
        (folder / "model.safetensors").unlink()
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(CheckpointInvalid, match=f"{name}: cannot be read as weights"):
        build_network(folder, torch.float32)


def test_a_pytorch_file_runs_no_code(folder: Path, tmp_path: Path) -> None:
    (folder / "model.safetensors").unlink()
    torch.save({"bridgetower.x": tmp_path.joinpath}, folder / "pytorch_model.bin")
    with pytest.raises(CheckpointInvalid, match="cannot be read as weights"):
        build_network(folder, torch.float32)


def change_config(folder: Path, change: Callable[[dict[str, object]], object]) -> None:
    config = json.loads((folder / "config.json").read_text())
    change(config)
    (folder / "config.json").write_text(json.dumps(config))


def test_another_kind_of_model_is_refused(folder: Path) -> None:
    change_config(folder, lambda config: config.update(model_type="clip"))
    with pytest.raises(CheckpointInvalid, match="expected a bridgetower checkpoint, found model type 'clip'"):
        build_network(folder, torch.float32)


def test_a_config_that_is_not_json_is_refused(folder: Path) -> None:
    (folder / "config.json").write_text("{")
    with pytest.raises(CheckpointInvalid, match=r"config\.json: cannot be read"):
        build_network(folder, torch.float32)


def test_weights_of_another_size_than_the_config_says_are_refused(folder: Path) -> None:
    change_config(folder, lambda config: config.update(contrastive_hidden_size=64))
    with pytest.raises(CheckpointInvalid, match=r"do not fit config\.json"):
        build_network(folder, torch.float32)


def test_contrastive_heads_without_their_size_in_the_config_are_refused(folder: Path) -> None:
    change_config(folder, lambda config: config.pop("contrastive_hidden_size"))
    with pytest.raises(CheckpointInvalid, match=r"config\.json.*contrastive_hidden_size"):
        build_network(folder, torch.float32)
