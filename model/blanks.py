"""The words that the masked-LM head can put into a blank, and how likely it finds them."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.nn import functional as F

from model import forward
from model.errors import HeadMissing, ModelError
from model.forward import TowerStates
from model.weights import Network

BLANK = "<mask>"
WORD_START = "\u0120"  # how a byte-level vocabulary, as RoBERTa's, writes the space before a word


def blank_place(ids: Tensor, mask_id: int) -> int:
    """Where the one blank stands among a caption's token ids (tokens,).

    Raises:
        ModelError: there is none within the model's length, or more than one.
    """
    places = (ids == mask_id).nonzero()
    if len(places) != 1:
        raise ModelError(
            f'expected one {BLANK} in the caption, found {len(places)}: write "a {BLANK} on a chair"'
        )
    return int(places[0, 0])


def log_probabilities(
    network: Network, name: str, photos: TowerStates, caption: TowerStates, place: int
) -> Tensor:
    """Log-probability of every token for the blank of one caption of each photo, float32 (n, tokens).

    Raises:
        HeadMissing: the checkpoint `name` has no masked-LM head.
    """
    if network.masked_lm is None:
        raise HeadMissing(name, "masked-LM")
    text, _ = forward.fuse(network.backbone, photos, caption.expand(len(photos)), cls_only=False)
    return F.log_softmax(network.masked_lm.mlm_score(text[:, place]).float(), dim=-1)


def whole_words(tokenizer: Any) -> dict[str, int]:
    """The words in small letters that are one token of the vocabulary, with its id, in the order of the ids.

    Pieces that only go on a word are none: "##ing" of wordpieces; in a byte-level vocabulary all that has no
    space before it.
    """
    vocabulary: dict[str, int] = tokenizer.get_vocab()
    byte_level = any(token.startswith(WORD_START) for token in vocabulary)
    found: dict[str, int] = {}
    for token, index in sorted(vocabulary.items(), key=lambda each: each[1]):
        word = token.removeprefix(WORD_START)
        if byte_level and word == token:
            continue
        if word.isascii() and word.isalpha() and word.islower():
            found[word] = index
    return found
