"""From a name to checkpoint files on disk: `mini`, `base`, `large`, a folder, or any hub name."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from model.errors import CheckpointInvalid, CheckpointNotFound

DEFAULT = "mini"
MINI_FOLDER = Path(__file__).parent / "mini"
HUB_NAMES = {
    "base": "BridgeTower/bridgetower-base-itm-mlm",
    "large": "BridgeTower/bridgetower-large-itm-mlm-itc",
}
MINI_NOTICE = (
    "mini is a small model trained on 6,000 photos: good for a first look. For the best results index "
    "with --model large (a download of about 3.5 GB from the hub, GPU advised; not tried by us for want of "
    "a network)."
)
FILES = ["*.json", "*.txt", "*.safetensors", "pytorch_model*.bin", "*.npz"]
SAMPLES, SAMPLE_BYTES = 256, 4096


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint on disk. `fingerprint` is what its embeddings carry.

    `name` finds it again from anywhere: what the user calls it, a folder's absolute path.
    """

    name: str
    folder: Path
    fingerprint: str

    @property
    def weight_files(self) -> list[Path]:
        """Its weights: safetensors, one or sharded, else PyTorch's own files."""
        return weight_files(self.folder)


def resolve(name: str) -> Checkpoint:
    """Find a checkpoint by short name, folder or hub name, fetching it where a hub can be reached.

    Raises:
        CheckpointNotFound: no such folder, and the hub has it not or cannot be reached.
        CheckpointInvalid: the folder holds no weights.
    """
    if name == DEFAULT:
        folder = MINI_FOLDER
    elif Path(name).expanduser().is_dir():
        # A library keeps the name to load the model by it again, wherever it is typed then.
        name = os.path.abspath(Path(name).expanduser())
        folder = Path(name).resolve()
    else:
        folder = fetch(HUB_NAMES.get(name, name))
    return Checkpoint(name=name, folder=folder, fingerprint=fingerprint(folder))


def fetch(hub_name: str) -> Path:
    """The folder of a hub checkpoint, from the local cache where it is there, else downloaded.

    Raises:
        CheckpointNotFound: it is in neither place.
    """
    from huggingface_hub import snapshot_download

    with suppress(Exception):  # not in the cache, or not wholly: each hub release names this differently
        cached = Path(snapshot_download(hub_name, allow_patterns=FILES, local_files_only=True))
        if weight_files(cached):
            return cached
    try:
        folder = Path(snapshot_download(hub_name, allow_patterns=FILES))
        weight_files(folder)  # without a network the hub's library hands over whatever part of it came before
        return folder
    except Exception as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise CheckpointNotFound(
            f"no checkpoint {hub_name!r}: it is no folder here, and the hub did not give it ({reason}). "
            "Copy the checkpoint to a folder and pass its path, or use --model mini"
        ) from error


def weight_files(folder: Path) -> list[Path]:
    """The weight files of a checkpoint folder, safetensors before PyTorch's own.

    Raises:
        CheckpointInvalid: there are none, some shards are not there, or no config.json.
    """
    if not (folder / "config.json").is_file():
        raise CheckpointInvalid(f"{folder}: expected a checkpoint folder, found no config.json in it")
    for pattern in ("*.safetensors", "pytorch_model*.bin"):
        found = sorted(folder.glob(pattern))
        if found:
            refuse_missing_shards(folder, found)
            return found
    raise CheckpointInvalid(f"{folder}: expected model.safetensors or pytorch_model.bin, found no weights")


def refuse_missing_shards(folder: Path, found: list[Path]) -> None:
    """Weights in several files come with an index that names them all.

    Raises:
        CheckpointInvalid: one of them is not there, as after a download that was interrupted.
    """
    for index in folder.glob(f"*{found[0].suffix}.index.json"):
        try:
            named = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CheckpointInvalid(f"{index}: not an index of weight files ({error!r})") from error
        if missing := sorted(named - {path.name for path in found}):
            raise CheckpointInvalid(
                f"{folder}: {len(missing)} of {len(named)} weight files missing: {missing[0]}"
            )


def fingerprint(folder: Path) -> str:
    """16 hex digits that differ when weights, preprocessing or dimension do.

    Weights are sampled at 256 places, since reading all of a 3.7 GB file would cost seconds at every start;
    training moves every weight, so a sample sees it.
    """
    digest = hashlib.sha256()
    configs = ["config.json", "preprocessor_config.json", "processor_config.json"]
    for path in [folder / name for name in configs if (folder / name).exists()]:
        digest.update(path.read_bytes())
    for path in weight_files(folder):
        size = path.stat().st_size
        digest.update(size.to_bytes(8, "little"))
        with path.open("rb") as weights:
            for sample in range(SAMPLES):
                weights.seek(sample * max(0, size - SAMPLE_BYTES) // (SAMPLES - 1))
                digest.update(weights.read(SAMPLE_BYTES))
    return digest.hexdigest()[:16]
