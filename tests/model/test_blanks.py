"""Which tokens of a vocabulary are words, of both kinds of vocabulary."""

from __future__ import annotations

import pytest
import torch

from model.blanks import blank_place, whole_words
from model.errors import ModelError


class Vocabulary:
    """A tokenizer as far as `whole_words` asks."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = tokens

    def get_vocab(self) -> dict[str, int]:
        """In another order than that of the ids, as Hugging Face gives it."""
        return {token: index for index, token in reversed(list(enumerate(self.tokens)))}


def test_words_of_wordpieces() -> None:
    found = whole_words(Vocabulary("[MASK]", "dog", "##ing", "Dog", "caf\u00e9", "7", ".", "a"))
    assert list(found.items()) == [("dog", 1), ("a", 7)]


def test_words_of_a_byte_level_vocabulary_begin_with_a_space() -> None:
    found = whole_words(Vocabulary("<mask>", "dog", "\u0120dog", "\u0120", "\u0120Paris", "ing", "\u0120sea"))
    assert list(found.items()) == [("dog", 2), ("sea", 6)]


def test_where_the_blank_is() -> None:
    assert blank_place(torch.tensor([5, 9, 5]), 9) == 1
    for ids in ([5, 5], [9, 9]):
        with pytest.raises(ModelError, match="expected one <mask> in the caption"):
            blank_place(torch.tensor(ids), 9)
