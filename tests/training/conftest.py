"""mini at its real size with random weights and a vocabulary of a few words.

`feature_maps` are what the stem's frozen part would say of four photos. None of it needs the teachers'
packages.
"""

from __future__ import annotations

import copy
import string

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from transformers import BertTokenizer

from training.mini import SPECIALS, Mini, make_tokenizer, mini_config

WORDS = ["a", "the", "dog", "cat", "runs", "sleeps", "on", "grass", "red", "boat", "two", "snow"]


@pytest.fixture(scope="session")
def vocabulary() -> dict[str, int]:
    """The special tokens, some words, and the letters to spell others with; rows count from 0."""
    letters = [letter for letter in string.ascii_lowercase if letter not in WORDS]
    tokens = [*SPECIALS.values(), *WORDS, *letters, *(f"##{letter}" for letter in string.ascii_lowercase)]
    return {token: row for row, token in enumerate(tokens)}


@pytest.fixture(scope="session")
def tokenizer(vocabulary: dict[str, int]) -> BertTokenizer:
    return make_tokenizer(vocabulary)


@pytest.fixture(scope="session")
def mini(vocabulary: dict[str, int]) -> Mini:
    """In evaluation mode, for reading only."""
    torch.manual_seed(0)
    return Mini(mini_config(len(vocabulary))).eval()


@pytest.fixture
def own_mini(mini: Mini) -> Mini:
    """A copy, to be changed."""
    return copy.deepcopy(mini)


@pytest.fixture(scope="session")
def feature_maps() -> NDArray[np.float16]:
    """Four photos of noise, as what enters the stem's last blocks: float16 (4, 112, 14, 14)."""
    return np.random.default_rng(0).standard_normal((4, 112, 14, 14)).astype(np.float16)
