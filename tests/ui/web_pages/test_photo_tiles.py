"""What the tiles of a list lead to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage.filters import Filter
from storage.library import Library
from ui.search_address import Asked
from ui.web_pages import photo_tiles


def test_a_tile_leads_to_its_photo_with_the_search_and_its_neighbours(
    indexed: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photo_tiles, "thumbnail_of", lambda *_: "no longer there")
    now = Asked(also=("a dog",), wanted=Filter(kinds=("photo",)), count=48)
    with Library.open(tmp_path / "library") as library:
        photos = library.photos([1, 2])
        tiles = photo_tiles.browsed([photos[2], photos[1]], now, "", library)
    assert [tile.link for tile in tiles] == [
        "photo?id=2&and=a+dog&kind=photo&k=48&among=2,1",
        "photo?id=1&and=a+dog&kind=photo&k=48&among=2,1",
    ]
    assert [tile.like for tile in tiles] == ["?like=2&kind=photo", "?like=1&kind=photo"]
