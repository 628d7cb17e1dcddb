"""Hidden words of dev: which are hidden, and that a head which knows them scores in full."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import BertTokenizer

from training.dev_blanks import DevBlanks
from training.mini import Mini
from training.photos import CaptionedPhotos


class Always(nn.Module):
    """Proposes one word above all."""

    def __init__(self, word: int, words: int) -> None:
        super().__init__()
        self.logits = torch.zeros(words)
        self.logits[word] = 5

    def forward(self, states: Tensor) -> Tensor:
        return self.logits.expand(len(states), -1)


def test_a_content_word_is_hidden_and_found_by_who_knows_it(
    own_mini: Mini, tokenizer: BertTokenizer, feature_maps: NDArray[np.float16]
) -> None:
    pixels = np.zeros((0, 224, 224, 3), np.uint8)
    dev = CaptionedPhotos(["x"] * 4, pixels, ["the dog", "a dog", "dog", "a dog"], np.arange(4))
    blanks = DevBlanks(own_mini, tokenizer, dev, feature_maps)
    for word, percent in (("dog", 100.0), ("snow", 0.0)):
        head = Always(tokenizer.get_vocab()[word], len(tokenizer))
        head.logits[-40:] = 1  # five others than "dog" come before it where it is not the one known
        own_mini.mlm_score = head  # type: ignore[assignment]
        assert blanks.accuracy(own_mini) == {"top5": percent, "top5_with_another_photo": percent}
