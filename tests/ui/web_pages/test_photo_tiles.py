"""What the tiles of a list lead to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from search.query import Match
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


def test_folded_versions_are_a_link_away_unless_a_picture_is_part_of_the_search(
    indexed: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photo_tiles, "thumbnail_of", lambda *_: "no longer there")
    version = Match(1, 2, "/b.jpg", (), 0.9, None, 3, 2, None)
    found = Match(1, 1, "/a.jpg", ("/c.jpg", "/d.jpg"), 0.9, None, 3, 2, None, folded=(version,))
    with Library.open(tmp_path / "library") as library:
        (tile,) = photo_tiles.matched([found], Asked("a dog", count=48), None, "", library)
        (beside,) = photo_tiles.matched([found], Asked("a dog"), None, "", library, whole=False)
    assert (tile.folder, tile.versions, tile.unfolded) == ("/ · +2 copies", 1, "?q=a+dog&fold=false&k=48")
    assert (beside.versions, beside.unfolded) == (1, "")
