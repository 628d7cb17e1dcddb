"""Two models in one library: which one a command uses, the change, the way back, and what may stop it."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage.library import Library
from ui import compose
from ui.settings import Settings

Run = Callable[..., Any]


class Keyboard(io.StringIO):
    """What a person types at a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def loaded(encoder: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the models that commands have loaded; each name is another model, "mini" is `encoder`."""
    names: list[str] = []

    def load(settings: Settings) -> Any:
        names.append(settings.model)
        made = type(encoder)(name=settings.model, notice=None)
        made.fingerprint = settings.model.ljust(16, "x")
        return made

    monkeypatch.setattr(compose, "load_model", load)
    return names


@pytest.fixture
def mini(bridgelens: Run, loaded: list[str], photos: Path) -> Run:
    """The command, with the three photos indexed by mini."""
    assert bridgelens("index", photos).code == 0
    loaded.clear()
    return bridgelens


def active(run: Run) -> str:
    name: str = json.loads(run("status", "--json").out)["active_model"]["name"]
    return name


def test_commands_use_the_model_that_the_library_was_built_with(
    bridgelens: Run, loaded: list[str], photos: Path
) -> None:
    assert bridgelens("index", photos, "--model", "other").code == 0
    assert bridgelens("search", "red", "--paths", "-k", "1").out == f"{photos / 'red.png'}\n"
    assert bridgelens("index", photos).code == 0
    assert loaded == ["other", "other", "other"]


def test_a_chosen_model_wins(mini: Run, loaded: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert "bridgelens reindex --model other" in mini("search", "red", "--model", "other").err
    monkeypatch.setenv("BRIDGELENS_MODEL", "by-variable")
    mini("search", "red")
    assert loaded == ["other", "by-variable"]


def test_a_configured_model_is_for_new_libraries(
    mini: Run, loaded: list[str], tmp_path: Path, photos: Path
) -> None:
    (tmp_path / "config" / "bridgelens").mkdir(parents=True)
    (tmp_path / "config" / "bridgelens" / "config.toml").write_text("model = 'configured'")
    assert mini("search", "red").code == 0
    assert mini("index", photos, "--library", tmp_path / "new").code == 0
    assert loaded == ["mini", "configured"]


def test_reindex_changes_over_and_rollback_goes_back(mini: Run, loaded: list[str], photos: Path) -> None:
    ran = mini("reindex", "--model", "other")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "3 photos embedded by other.")
    assert "The library is searched with other. Back to mini: bridgelens rollback" in ran.out
    assert active(mini) == "other"
    lines = mini("status").out.splitlines()
    assert [line.split("model")[1].strip() for line in lines if line.startswith("model")] == [
        "mini: 3 photos embedded",
        "other: 3 photos embedded, active",
    ]
    assert mini("search", "red").code == 0
    ran = mini("rollback")
    assert ran.code == 0
    assert "The library is searched with mini." in ran.out
    assert "bridgelens reindex --model other" in ran.out
    assert mini("search", "red").code == 0
    assert loaded == ["other", "other", "mini"]
    again = mini("reindex", "--model", "other", "--json")
    fields = json.loads(again.out)
    assert (fields["embedded"], fields["lacking"], fields["active_model"]["name"]) == (0, {}, "other")


def test_rollback_says_what_came_since(mini: Run, photos: Path) -> None:
    mini("reindex", "--model", "other")
    (photos / "more.png").write_bytes((photos / "red.png").read_bytes() + b"\0")
    assert mini("index", photos).code == 0
    assert "1 photos that came since are embedded by the next bridgelens index FOLDER" in mini("rollback").out
    assert json.loads(mini("index", photos, "--json").out)["embedded"] == 1


def test_rollback_of_a_library_with_one_model(mini: Run) -> None:
    ran = mini("rollback")
    assert ran.code == 2
    assert "bridgelens reindex --model NAME" in ran.err


def test_photos_that_cannot_be_read_are_named_and_the_change_waits_for_yes(
    mini: Run, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (photos / "green.png").write_bytes(b"damaged since")
    ran = mini("reindex", "--model", "other")
    assert ran.code == 1
    assert "2 photos embedded by other." in ran.out
    assert "green.png: not an image" in ran.out
    assert f"1 in {photos}" in ran.out
    assert "With --yes" in ran.err
    assert active(mini) == "mini"
    refused = mini("reindex", "--model", "other", "--json")
    assert (refused.code, json.loads(refused.out)["lacking"]) == (1, {str(photos): 1})
    for answer, code, name in (("n", 1, "mini"), ("y", 0, "other")):
        monkeypatch.setattr(sys, "stdin", Keyboard(f"{answer}\n"))
        ran = mini("reindex", "--model", "other")
        assert (ran.code, active(mini)) == (code, name)
        assert "Change over all the same?" in ran.err


def test_with_yes_an_unplugged_disk_does_not_hold_up_the_change(mini: Run, photos: Path) -> None:
    photos.rename(photos.with_name("unplugged"))
    ran = mini("reindex", "--model", "other")
    assert ran.code == 1
    assert f"{photos} is not there or empty: is its disk plugged in?" in ran.out
    assert mini("reindex", "--model", "other", "--yes").code == 0
    assert active(mini) == "other"


def test_an_interrupted_reindex_changes_nothing_and_goes_on(
    mini: Run, encoder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    embed = type(encoder).embed_images

    def embed_and_interrupt(self: Any, pixels: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return embed(self, pixels)

    monkeypatch.setattr(type(encoder), "embed_images", embed_and_interrupt)
    ran = mini("reindex", "--model", "other", "--batch-size", "1", "--yes")
    assert ran.code == 130
    assert "interrupted, 2 photos left; run the same command to go on" in ran.out
    assert active(mini) == "mini"
    monkeypatch.setattr(type(encoder), "embed_images", embed)
    ran = mini("reindex", "--model", "other")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "2 photos embedded by other.")


def test_index_with_another_model_embeds_beside_and_says_how_to_change_over(mini: Run, photos: Path) -> None:
    ran = mini("index", photos, "--model", "other")
    assert ran.code == 0
    assert (
        "The library is still searched with mini. To change over: bridgelens reindex --model other" in ran.err
    )
    assert active(mini) == "mini"
    assert mini("reindex", "--model", "other").out.startswith("0 photos embedded by other.")
    assert active(mini) == "other"


def test_an_update_of_the_model_takes_its_place_at_the_next_index(
    mini: Run, encoder: Any, photos: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    encoder.name, encoder.fingerprint, encoder.notice = "mini", "new version xxxx".replace(" ", "-"), None
    monkeypatch.setattr(compose, "load_model", lambda settings: encoder)
    ran = mini("search", "red")
    assert ran.code == 2
    assert ran.err.rstrip().endswith("embed it with `bridgelens reindex --model mini`")
    ran = mini("index", photos)
    assert "mini is another version than the library's" in ran.err
    assert mini("search", "red").code == 0
    with Library.open(tmp_path / "library") as library:
        now = library.models.active()
        assert now is not None
        assert now.fingerprint == encoder.fingerprint


def test_a_variable_that_names_another_model_is_pointed_out(
    mini: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRIDGELENS_MODEL", "mini")
    assert "warning: BRIDGELENS_MODEL says mini" in mini("reindex", "--model", "other").err


def test_a_model_whose_folder_has_moved_is_found_again_after_one_index_run(
    mini: Run, encoder: Any, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder.name, encoder.fingerprint, encoder.notice = "/models/moved", "mini".ljust(16, "x"), None
    monkeypatch.setattr(compose, "load_model", lambda settings: encoder)
    assert mini("index", photos, "--model", "/models/moved").err == ""
    assert active(mini) == "/models/moved"
