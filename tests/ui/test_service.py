"""What servers share: one library, one model, and searches that take turns."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import anyio
import pytest
from PIL import Image

from search.query import Query, Results
from storage.errors import LibraryNotFound
from storage.library import Library
from ui import compose
from ui.errors import PhotoGone
from ui.service import Service
from ui.settings import Settings


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "library", "colours", "cpu", model_chosen=False)


@pytest.mark.anyio
async def test_searches_take_turns_at_the_model(indexed: object, encoder: Any, settings: Settings) -> None:
    """A judge that waits for a second one to come in finds itself alone."""
    judge, inside, alone = encoder.match_log_odds, threading.Semaphore(0), []

    def judging(pixels: Any, captions: Any) -> Any:
        inside.release()
        alone.append(not (inside.acquire(timeout=0.01) and inside.acquire(timeout=0.01)))
        return judge(pixels, captions)

    encoder.match_log_odds = judging
    found: list[Results] = []

    async def search(service: Service) -> None:
        found.append(await service.search(Query("red", k=1)))

    with Service(settings) as service:
        async with anyio.create_task_group() as tasks:
            for _ in range(8):
                tasks.start_soon(search, service)
    assert alone == [True] * 8
    assert {os.path.basename(results.matches[0].path) for results in found} == {"red.png"}


@pytest.mark.anyio
async def test_captions_and_photos_to_resemble_are_embedded_in_a_turn_beside_the_event_loop(
    indexed: object, encoder: Any, settings: Settings
) -> None:
    """What an embedding sees: another thread than the loop's, and the turn at the model taken."""
    captions, images, seen = encoder.embed_captions, encoder.embed_images, []
    with Service(settings) as service:

        def look() -> None:
            seen.append((threading.get_ident() == loop, service._turns.borrowed_tokens))

        def embed_captions(asked: Any) -> Any:
            look()
            return captions(asked)

        def embed_images(photos: Any, *rest: Any) -> Any:
            look()
            return images(photos, *rest)

        loop = threading.get_ident()
        encoder.embed_captions, encoder.embed_images = embed_captions, embed_images
        red = Image.new("RGB", (8, 8), (255, 0, 0))
        found = await service.search(Query("red", k=1, like=red, rerank=False))
    assert os.path.basename(found.matches[0].path) == "red.png"
    assert seen == [(False, 1), (False, 1)]


def test_the_model_is_loaded_once_and_again_when_the_library_changes_to_another(
    indexed: Any, encoder: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []

    def load(chosen: Settings) -> Any:
        loaded.append(chosen.model)
        return encoder

    monkeypatch.setattr(compose, "load_model", load)
    with Service(settings) as service:
        service.model()
        service.model()
        before = service.engine()
        assert loaded == ["colours"]
        assert service.engine() is before
        encoder.fingerprint, encoder.name = "d" * 16, "more-colours"
        assert indexed("reindex", "--model", "more-colours").code == 0
        loaded.clear()
        service.model()
        service.model()
    assert loaded == ["more-colours"]


def test_without_a_library_it_waits_for_one(settings: Settings) -> None:
    with Service(settings) as service:
        service.load()  # says nothing: the first request does
        with pytest.raises(LibraryNotFound, match="bridgelens index FOLDER"):
            service.library()
        Library.open(settings.library, create=True, write=True).close()
        assert service.library().status().photos == 0


def test_a_missing_photo_is_still_known_by_its_path(indexed: Any, settings: Settings, photos: Path) -> None:
    with Service(settings) as service:
        (red,) = (each for each in (1, 2, 3) if service.path_of(each) == str(photos / "red.png"))
        (photos / "red.png").unlink()
        assert indexed("index", photos).code == 0
        assert service.path_of(red) == str(photos / "red.png")
        with pytest.raises(PhotoGone, match="no file of the photo"):
            service.file_of(service.photo(red))
