"""The model is what a search asks for: mypy checks the types, and this the names of the arguments."""

from __future__ import annotations

import inspect

import pytest

from model.bridgetower import BridgeTower
from search.encoder import Encoder, StatesEncoder

ENCODER: type[Encoder] = BridgeTower
STATES_ENCODER: type[StatesEncoder] = BridgeTower
METHODS = ["embed_captions", "embed_images", "match_log_odds", "caption_is_truncated"]


@pytest.mark.parametrize("method", METHODS)
def test_bridgetower_is_an_encoder(method: str) -> None:
    asked, given = (inspect.signature(getattr(kind, method)) for kind in (Encoder, ENCODER))
    assert list(given.parameters) == list(asked.parameters)


@pytest.mark.parametrize("method", ["photo_states", "caption_states", "match_states"])
def test_bridgetower_keeps_states(method: str) -> None:
    asked, given = (inspect.signature(getattr(kind, method)) for kind in (StatesEncoder, STATES_ENCODER))
    assert list(given.parameters) == list(asked.parameters)
