"""Names to folders, and fingerprints, on checkpoint folders written here. No network is asked."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from model import checkpoint
from model.checkpoint import fingerprint, resolve, weight_files
from model.errors import CheckpointInvalid, CheckpointNotFound

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def folder(tiny_folder: Path, tmp_path: Path) -> Path:
    """A copy of the tiny checkpoint, to be changed."""
    return Path(shutil.copytree(tiny_folder, tmp_path / "copy"))


def change_json(path: Path, key: str, value: object) -> None:
    content = json.loads(path.read_text())
    target = content.get("image_processor", content)
    assert key in target
    target[key] = value
    path.write_text(json.dumps(content))


def into_hub_cache(source: Path, cache: Path, hub_name: str) -> Path:
    """Lay a folder into a hub cache as a download would have; returns the snapshot."""
    repository = cache / f"models--{hub_name.replace('/', '--')}"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(COMMIT)
    return Path(shutil.copytree(source, repository / "snapshots" / COMMIT))


def test_a_folder_is_a_checkpoint(tiny_folder: Path) -> None:
    found = resolve(str(tiny_folder))
    assert (found.name, found.folder) == (str(tiny_folder), tiny_folder.resolve())
    assert re.fullmatch("[0-9a-f]{16}", found.fingerprint)
    assert found.weight_files == [tiny_folder.resolve() / "model.safetensors"]


def test_mini_is_the_bundled_folder(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Path(checkpoint.__file__).parent / "mini" == checkpoint.MINI_FOLDER
    monkeypatch.setattr(checkpoint, "MINI_FOLDER", tiny_folder)
    assert (resolve("mini").name, resolve("mini").folder) == ("mini", tiny_folder)


def test_a_name_that_the_hub_cannot_give_names_the_ways_out() -> None:
    with pytest.raises(CheckpointNotFound, match=r"'nobody/nothing'.*folder.*--model mini"):
        resolve("nobody/nothing")


def test_a_name_that_is_no_hub_name_is_not_found_either(tmp_path: Path) -> None:
    with pytest.raises(CheckpointNotFound, match="absent"):
        resolve(str(tmp_path / "absent" / "folder"))


def test_large_comes_from_the_hub_cache_without_a_network(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    snapshot = into_hub_cache(tiny_folder, tmp_path, "BridgeTower/bridgetower-large-itm-mlm-itc")
    found = resolve("large")
    assert (found.name, found.folder) == ("large", snapshot)
    assert found.fingerprint == resolve(str(tiny_folder)).fingerprint


def test_a_download_that_stopped_before_the_weights_is_not_used(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    (folder / "model.safetensors").unlink()
    into_hub_cache(folder, tmp_path / "hub", "BridgeTower/bridgetower-base-itm-mlm")
    with pytest.raises(CheckpointNotFound, match="bridgetower-base-itm-mlm"):
        resolve("base")


def test_a_folder_without_config_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointInvalid, match=r"no config\.json"):
        resolve(str(tmp_path))


def test_a_folder_without_weights_is_refused(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(CheckpointInvalid, match="no weights"):
        resolve(str(folder))


def test_an_interrupted_download_of_shards_is_refused_by_name(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(
        CheckpointInvalid, match=r"1 of 2 weight files missing: model-00002-of-00002\.safetensors"
    ):
        resolve(str(folder))
    (folder / "model-00002-of-00002.safetensors").write_bytes(b"")
    assert len(weight_files(folder)) == 2


def test_an_index_of_shards_in_another_form_is_refused(folder: Path) -> None:
    (folder / "model.safetensors.index.json").write_text("[]")
    with pytest.raises(CheckpointInvalid, match="not an index of weight files"):
        resolve(str(folder))


def test_safetensors_come_before_pytorch_files(folder: Path) -> None:
    (folder / "pytorch_model.bin").write_bytes(b"")
    assert weight_files(folder) == [folder / "model.safetensors"]


def test_the_fingerprint_of_a_copy_is_the_same(tiny_folder: Path, folder: Path) -> None:
    os.utime(folder / "model.safetensors", (0, 0))
    assert fingerprint(folder) == fingerprint(tiny_folder)


def test_the_fingerprint_changes_with_the_weights(folder: Path) -> None:
    before = fingerprint(folder)
    weights = load_file(folder / "model.safetensors")
    save_file({name: value * 1.001 for name, value in weights.items()}, folder / "model.safetensors")
    assert fingerprint(folder) != before


def test_the_fingerprint_changes_with_the_length_of_the_weights(folder: Path) -> None:
    before = fingerprint(folder)
    with (folder / "model.safetensors").open("ab") as weights:
        weights.write(b"\0")
    assert fingerprint(folder) != before


@pytest.mark.parametrize(
    ("key", "value"), [("image_mean", [0.0, 0.0, 0.0]), ("resample", 2), ("size", {"shortest_edge": 96})]
)
def test_the_fingerprint_changes_with_the_preprocessing(folder: Path, key: str, value: object) -> None:
    before = fingerprint(folder)
    change_json(folder / "processor_config.json", key, value)
    assert fingerprint(folder) != before


def test_the_fingerprint_changes_with_the_dimension(folder: Path) -> None:
    before = fingerprint(folder)
    change_json(folder / "config.json", "contrastive_hidden_size", 64)
    assert fingerprint(folder) != before


def test_the_fingerprint_does_not_change_with_what_embeddings_do_not_depend_on(folder: Path) -> None:
    before = fingerprint(folder)
    (folder / "bridgelens.json").write_text('{"rerank": {"similarity_weight": 2.0}}')
    (folder / "README.txt").write_text("about this checkpoint")
    assert fingerprint(folder) == before
