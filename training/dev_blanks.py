"""Whether masked-LM looks at the photo: how often it proposes the hidden word of a dev caption."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import BertTokenizer

from model import forward
from training import fusion
from training.mini import Mini, tokenize
from training.photos import CaptionedPhotos

PROPOSED = 5


class DevBlanks:
    """A sample of dev captions, one content word of each hidden; the towers stand still from here."""

    def __init__(
        self, mini: Mini, tokenizer: BertTokenizer, dev: CaptionedPhotos, features: NDArray[np.float16],
        captions: int = 300,
    ) -> None:  # fmt: skip
        rng = np.random.default_rng(0)
        rows = rng.choice(len(dev.captions), min(captions, len(dev.captions)), replace=False)
        self._layers = fusion.cache_photo_layers(mini, features)
        self._owner = dev.photo_of_caption[rows]
        self._ids, self._mask = tokenize(tokenizer, [dev.captions[row] for row in rows])
        plain = [tokenizer.pad_token, tokenizer.cls_token, tokenizer.sep_token]
        grammar = tokenizer.convert_tokens_to_ids([*map(str, plain), *fusion.GRAMMAR])
        worth = ~torch.isin(self._ids, torch.tensor(grammar))
        self._place = (worth * torch.from_numpy(rng.random(worth.shape))).argmax(1)
        self._hidden = self._ids.gather(1, self._place[:, None])[:, 0]
        self._ids.scatter_(1, self._place[:, None], int(tokenizer.mask_token_id))

    @torch.inference_mode()
    def accuracy(self, module: nn.Module) -> dict[str, float]:
        """Percent of the words found with their own photo, and with another caption's photo."""
        own, other = (
            self._found(module, self._layers[torch.from_numpy(owner)])
            for owner in (self._owner, np.roll(self._owner, 7))
        )
        return {"top5": own, "top5_with_another_photo": other}

    def _found(self, module: nn.Module, layers: Tensor) -> float:
        found = 0
        for rows in torch.arange(len(self._ids)).split(50):
            photos = fusion.photo_part(module, layers[rows])  # type: ignore[arg-type]
            captions = fusion.caption_part(module, self._ids[rows], self._mask[rows])  # type: ignore[arg-type]
            text, _ = forward.fuse(module.bridgetower, photos, captions, cls_only=False)
            logits = module.mlm_score(text[torch.arange(len(rows)), self._place[rows]])  # type: ignore[operator]
            best = logits.topk(PROPOSED).indices
            found += int((best == self._hidden[rows, None]).any(1).sum())
        return 100 * found / len(self._ids)
