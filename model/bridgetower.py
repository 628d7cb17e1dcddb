"""`BridgeTower`: one checkpoint in memory, and the four things the product asks of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
from transformers import BridgeTowerForContrastiveLearning

from model import forward, second_look
from model.batching import AdaptiveBatches
from model.blanks import BLANK, blank_place, log_probabilities, whole_words
from model.checkpoint import MINI_NOTICE, Checkpoint, resolve
from model.device import choose_device, choose_dtype
from model.errors import HeadMissing
from model.heat_map import as_grid, patch_evidence
from model.merging import merge
from model.normalise import Crops, Normaliser, Pixels
from model.preprocess import Preprocessor
from model.settings import read_settings
from model.tokenizer import CaptionTokens, load_tokenizer
from model.tower_states import TowerStates
from model.typical_captions import read_typical_captions
from model.weights import Network, build_network

FAST_SHARE = 1 / 4  # of a photo's tokens


@dataclass(frozen=True, slots=True)
class Filling:
    """One word for the blank, with its probability."""

    word: str
    probability: float


class BridgeTower:
    """One backbone, whichever heads the checkpoint has, its tokenizer and its preprocessor.

    Several threads may call one instance; torch runs their calls one kernel at a time.
    """

    def __init__(self, checkpoint: Checkpoint, network: Network, device: str, dtype: torch.dtype) -> None:
        self.name, self.fingerprint = checkpoint.name, checkpoint.fingerprint
        self.folder = checkpoint.folder
        self.device, self.dtype = device, dtype
        self.network = network
        side = int(network.config.vision_config.image_size)
        self.preprocessor = Preprocessor.from_folder(checkpoint.folder, side)
        self._normalised = Normaliser(self.preprocessor.levels, device, dtype)
        self.tokenizer = load_tokenizer(checkpoint.folder)
        settings = read_settings(checkpoint.folder)
        self.similarity_weight, self.calibration = settings.similarity_weight, settings.calibration
        self.heat_map_right, self.tag_probability = settings.heat_map_right, settings.tag_probability
        self.hubness_share, self._look_share = settings.hubness_share, settings.look_share
        self.look_weight = settings.look_weight if second_look.is_possible(network) else 0.0
        self.typical_captions = read_typical_captions(self.folder, self.dim) if self.can_embed else None
        text = network.config.text_config
        # RoBERTa's positions begin after the padding id, so that many fewer tokens fit the table.
        longest = int(text.max_position_embeddings) - int(text.pad_token_id) - 1
        self._tokens = CaptionTokens(self.tokenizer, longest, device)
        on_cuda = device.startswith("cuda")
        self._batches = AdaptiveBatches(256 if on_cuda else 16)
        # Bytes of photos' states for one call of fusion: a CPU's caches hold few, a GPU wants many at once.
        self.fusion_bytes = 1 << 30 if on_cuda else 1 << 26

    @classmethod
    def load(
        cls, checkpoint: str = "mini", *, device: str = "auto", dtype: torch.dtype | None = None,
        precision: str = "auto",
    ) -> BridgeTower:  # fmt: skip
        """Load by short name (`mini`, `base`, `large`), folder or hub name; `precision` names a `dtype`.

        Raises:
            CheckpointNotFound: no such checkpoint here, and no hub gave it.
            CheckpointInvalid: its files do not make a BridgeTower.
            DeviceUnavailable: the device is not on this machine, or no such precision is known.
        """
        chosen = choose_device(device)
        chosen_dtype = dtype or choose_dtype(chosen, precision)
        found = resolve(checkpoint)
        network = build_network(found.folder, chosen_dtype)
        network.to(chosen)
        return cls(found, network, chosen, chosen_dtype)

    @property
    def dim(self) -> int:
        """Length of an embedding.

        Raises:
            HeadMissing: the checkpoint has no contrastive heads.
        """
        self._contrastive()
        return int(self.network.config.contrastive_hidden_size)

    @property
    def notice(self) -> str | None:
        """One line about what the bundled checkpoint is; None for others."""
        return MINI_NOTICE if self.name == "mini" else None

    @property
    def can_embed(self) -> bool:
        """Whether the checkpoint can index and search: it has trained contrastive heads."""
        return self.network.contrastive is not None

    @property
    def can_match(self) -> bool:
        """Whether the checkpoint can re-rank: it has a trained image-text-matching head."""
        return self.network.retrieval is not None

    @torch.inference_mode()
    def first_states(self, pixels: Pixels | Crops) -> Tensor:
        """Photos or their crops to the vision tower's first states (n, 1 + patches, hidden).

        They are what Hugging Face's forwards take as `image_embeds`, and the only way to give those a photo
        where the checkpoint has a convolutional stem.
        """
        return forward.patch_tokens(self.network.backbone, self._normalised(pixels), self.network.stem)

    @torch.inference_mode()
    def embed_images(self, pixels: Pixels | Crops) -> NDArray[np.float32]:
        """Photos through the vision tower alone: float32 (n, dim), unit L2 norm.

        `pixels` are preprocessed, float32 (n, 3, side, side), or crops, uint8 (n, side, side, 3).

        Raises:
            HeadMissing: the checkpoint has no contrastive heads.
        """
        head, backbone = self._contrastive().itc_image_head, self.network.backbone

        def embed(rows: slice) -> Tensor:
            cls = forward.photo_cls(backbone, self.first_states(pixels[rows]))
            return F.normalize(head(cls).float(), dim=-1).cpu()

        return self._stack(list(self._batches.run(len(pixels), embed)), self.dim)

    @torch.inference_mode()
    def embed_captions(self, captions: Sequence[str]) -> NDArray[np.float32]:
        """Captions through the text tower alone: float32 (n, dim), unit L2 norm. A long one is truncated.

        Raises:
            HeadMissing: the checkpoint has no contrastive heads.
        """
        head, backbone = self._contrastive().itc_text_head, self.network.backbone

        def embed(rows: slice) -> Tensor:
            cls = forward.caption_cls(backbone, *self._tokens(captions[rows]))
            return F.normalize(head(cls).float(), dim=-1).cpu()

        return self._stack(list(self._batches.run(len(captions), embed)), self.dim)

    @torch.inference_mode()
    def photo_states(self, pixels: Pixels | Crops) -> TowerStates:
        """The photos' part of fusion, to be kept while they may be matched again; on the model's device."""
        return self._photo_states(len(pixels), lambda rows: pixels[rows])

    @torch.inference_mode()
    def look_again(self, pixels: Pixels | Crops) -> TowerStates:
        """The second views' part of fusion, of which `bridgelens.json` says how much of a photo they are."""
        share = self._look_share
        return self._photo_states(len(pixels), lambda rows: second_look.view(pixels[rows], share))

    @torch.inference_mode()
    def look_embeddings(self, photos: TowerStates) -> NDArray[np.float32]:
        """Embeddings by photos' states, float32 (n, dim), unit L2 norm; no tower runs."""
        return second_look.embeddings(self.network, photos).cpu().numpy()

    @torch.inference_mode()
    def merged(self, photos: TowerStates) -> TowerStates:
        """The photos' part of fusion with a share of its tokens: quicker to match, other log-odds."""
        return merge(photos, round(FAST_SHARE * photos.attended.shape[1]))

    @torch.inference_mode()
    def caption_states(self, caption: str | Sequence[str]) -> TowerStates:
        """One caption's part of fusion, without padding, or that of several, padded to the longest."""
        captions = [caption] if isinstance(caption, str) else list(caption)
        return forward.caption_states(self.network.backbone, *self._tokens(captions))

    @torch.inference_mode()
    def match_states(self, photos: TowerStates, captions: TowerStates) -> NDArray[np.float32]:
        """ITM log-odds of photo i with caption i, from their states: float32 (n,).

        Where there is one of either, it goes with all of the other. Their sigmoid is the probability.

        Raises:
            HeadMissing: the checkpoint has no image-text-matching head.
        """
        retrieval = self.network.retrieval
        if retrieval is None:
            raise HeadMissing(self.name, "image-text-matching")

        def match(rows: slice) -> Tensor:
            some = photos.expand(rows.stop - rows.start) if len(photos) == 1 else photos.select(rows)
            words = captions if len(captions) == 1 else captions.select(rows)
            pooled = forward.pooled_pair(self.network.backbone, some.to(self.dtype), words)
            logits: Tensor = retrieval.itm_score(pooled).float()
            return (logits[:, 1] - logits[:, 0]).cpu()

        pairs = len(photos) if len(captions) == 1 else len(captions)
        parts = list(self._batches.run(pairs, match))
        return np.concatenate([part.numpy() for part in parts]) if parts else np.empty(0, np.float32)

    def match(self, pixels: Pixels, captions: Sequence[str]) -> NDArray[np.float32]:
        """ITM probability of every photo, float32 (n, 3, side, side), with every caption: float32 (n, m).

        Raises:
            HeadMissing: the checkpoint has no image-text-matching head.
        """
        return probability(self.match_log_odds(pixels, captions))

    def match_log_odds(self, pixels: Pixels | Crops, captions: Sequence[str]) -> NDArray[np.float32]:
        """ITM log-odds of every photo, float32 (n, 3, side, side), with every caption: float32 (n, m).

        Log-odds keep apart what probabilities near 1 round together. Each tower runs once a photo and once a
        caption; only fusion runs for every pair.

        Raises:
            HeadMissing: the checkpoint has no image-text-matching head.
        """
        if not self.can_match:
            raise HeadMissing(self.name, "image-text-matching")
        states = [self.caption_states(caption) for caption in captions]
        step = max(1, self._batches.size)  # photos in memory at once, whatever n
        rows = []
        for start in range(0, len(pixels) if states else 0, step):
            photos = self.photo_states(pixels[start : start + step])
            rows.append(np.stack([self.match_states(photos, caption) for caption in states], axis=1))
        return np.concatenate(rows) if rows else np.empty((len(pixels), len(captions)), np.float32)

    @torch.inference_mode()
    def fill_mask(self, pixels: Pixels, caption: str, k: int = 5) -> list[Filling]:
        """The k likeliest words for the one `<mask>` in a caption of one photo, best first.

        `pixels` are those of the photo, float32 (3, side, side).

        Raises:
            HeadMissing: the checkpoint has no masked-LM head.
            ModelError: the caption has not exactly one `<mask>` within its length.
        """
        log_probabilities = self._blank(self.photo_states(pixels[None]), caption)[0].exp()
        best = log_probabilities.topk(min(k, len(log_probabilities)))
        words = [self.tokenizer.decode([token]).strip() for token in best.indices.tolist()]
        return [Filling(word, chance) for word, chance in zip(words, best.values.tolist(), strict=True)]

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The whole words in small letters that `word_log_probabilities` knows."""
        return tuple(self._words)

    @torch.inference_mode()
    def word_log_probabilities(self, photos: TowerStates, caption: str) -> NDArray[np.float32]:
        """Log-probability of each of `words` for the one `<mask>` in a caption of each photo: (n, words).

        Raises:
            HeadMissing, ModelError: as `fill_mask`.
        """
        some = torch.tensor(list(self._words.values()), device=self.device)
        return self._blank(photos, caption)[:, some].cpu().numpy()

    def heat_map(self, pixels: Pixels, caption: str) -> NDArray[np.float32]:
        """Where in a photo's crop the match with a caption comes from: float32 (rows, columns), one a patch.

        `pixels` are those of the photo, float32 (3, side, side). The map is nowhere below 0 and adds up to 1;
        it is 0 everywhere if nothing in the photo speaks for the caption.

        Raises:
            HeadMissing: the checkpoint has no image-text-matching head.
        """
        if not self.can_match:
            raise HeadMissing(self.name, "image-text-matching")
        backbone = self.network.backbone
        with torch.no_grad():  # and no inference mode, whose tensors no gradient passes
            states = forward.patch_tokens(backbone, self._normalised(pixels[None]), self.network.stem)
            words = forward.caption_states(backbone, *self._tokens([caption]))
        return as_grid(patch_evidence(self.network, states, words)[0]).cpu().numpy()

    def caption_is_truncated(self, caption: str) -> bool:
        """Whether the caption is longer than the text tower takes."""
        return self._tokens.are_too_many(caption)

    @cached_property
    def _words(self) -> dict[str, int]:
        return whole_words(self.tokenizer)

    def _photo_states(self, n: int, pixels_of: Callable[[slice], Pixels | Crops]) -> TowerStates:
        """The part of fusion of what `pixels_of` shows of n photos, batch by batch."""

        def states(rows: slice) -> TowerStates:
            return forward.photo_states(self.network.backbone, self.first_states(pixels_of(rows)))

        parts = list(self._batches.run(n, states))
        return parts[0].join(parts[1:])

    def _blank(self, photos: TowerStates, caption: str) -> Tensor:
        """Log-probability of every token for the blank in one caption of each photo, float32 (n, tokens)."""
        ids, mask = self._tokens([caption.replace(BLANK, str(self.tokenizer.mask_token))])
        place = blank_place(ids[0], int(self.tokenizer.mask_token_id))
        states = forward.caption_states(self.network.backbone, ids, mask)
        return log_probabilities(self.network, self.name, photos, states, place)

    def _contrastive(self) -> BridgeTowerForContrastiveLearning:
        if self.network.contrastive is None:
            raise HeadMissing(self.name, "contrastive")
        return self.network.contrastive

    @staticmethod
    def _stack(parts: list[Tensor], dim: int) -> NDArray[np.float32]:
        return torch.cat(parts).numpy() if parts else np.empty((0, dim), np.float32)


def probability(log_odds: NDArray[np.float32]) -> NDArray[np.float32]:
    """The probability (0 to 1) that log-odds stand for, of any shape."""
    return (1 / (1 + np.exp(-np.clip(log_odds, -80, 80)))).astype(np.float32)
