"""What a search asks of a model; `model.bridgetower.BridgeTower` is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeGuard

import numpy as np
from numpy.typing import NDArray
from PIL import Image

FUSION_BYTES = 1 << 26
LoadPhoto = Callable[[str], Image.Image]
"""Opens a photo, upright and RGB, by its path; raises where the file cannot be read."""


class Encoder(Protocol):
    """Embeds captions and photos into one space, and judges pairs, as `BridgeTower` does."""

    name: str
    fingerprint: str
    similarity_weight: float
    calibration: Mapping[str, float] | None

    @property
    def dim(self) -> int:
        """Length of an embedding."""

    @property
    def can_embed(self) -> bool:
        """Whether `embed_captions`, `embed_images` and `dim` work."""

    @property
    def can_match(self) -> bool:
        """Whether `match_log_odds` works."""

    @property
    def preprocessor(self) -> Callable[[Image.Image], NDArray[np.float32]]:
        """A photo to its pixels, float32 (3, side, side)."""

    def embed_captions(self, captions: Sequence[str]) -> NDArray[np.float32]:
        """Float32 (n, dim), unit L2 norm."""

    def embed_images(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Float32 (n, dim), unit L2 norm."""

    def match_log_odds(self, pixels: NDArray[np.float32], captions: Sequence[str]) -> NDArray[np.float32]:
        """ITM log-odds, float32 (n photos, m captions)."""

    def caption_is_truncated(self, caption: str) -> bool:
        """Whether the caption is longer than the text tower takes."""


States = Any
"""A tower's states of n photos, or of one caption, as `model.forward.TowerStates`.

`len()` is n, `select(rows)` with int64 (m,) is a copy of those of m photos, `join(others)` puts the states of
others behind these, `half()` is the same in half the bytes. `nbytes` is the memory; the tensors `bridged`
and `attended` have theirs.
"""


class StatesEncoder(Encoder, Protocol):
    """An encoder whose towers' states can be kept, so that only fusion runs for every pair."""

    def photo_states(self, pixels: NDArray[np.float32] | NDArray[np.uint8]) -> States:
        """The photos' part of fusion; `pixels` float32 (n, 3, side, side), or crops where it takes them."""

    def caption_states(self, caption: str) -> States:
        """One caption's part of fusion."""

    def match_states(self, photos: States, captions: States) -> NDArray[np.float32]:
        """ITM log-odds of each photo with the caption, float32 (n,)."""


class LookingEncoder(StatesEncoder, Protocol):
    """An encoder whose re-rank judges a second view of each photo, of which there is an embedding too."""

    look_weight: float

    def look_again(self, pixels: NDArray[np.float32] | NDArray[np.uint8]) -> States:
        """The second views' part of fusion; `pixels` are the photos."""

    def look_embeddings(self, photos: States) -> NDArray[np.float32]:
        """Embeddings by those states, float32 (n, dim), unit L2 norm."""


class MergingEncoder(StatesEncoder, Protocol):
    """An encoder that can make do with fewer tokens of a photo."""

    def merged(self, photos: States) -> States:
        """The photos' part of fusion with fewer tokens: quicker to match, and not quite the same log-odds."""


def has_states(encoder: Encoder) -> TypeGuard[StatesEncoder]:
    """Whether the towers' states of this encoder can be kept."""
    return hasattr(encoder, "photo_states")


def fusion_bytes(encoder: StatesEncoder) -> int:
    """Bytes of photos' states that are put together for one call of fusion, where the encoder has a wish."""
    return int(getattr(encoder, "fusion_bytes", FUSION_BYTES))


def can_merge(encoder: Encoder) -> TypeGuard[MergingEncoder]:
    """Whether this encoder can merge a photo's tokens."""
    return hasattr(encoder, "merged")
