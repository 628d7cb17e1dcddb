"""What the command refuses: each time one line on stderr that says what to do, and exit code 2."""

from __future__ import annotations

import os
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit import config

from storage.library import Library

Run = Callable[..., Any]


@pytest.fixture
def streamlit_as_before() -> Iterator[None]:
    """Afterwards Streamlit has no option that a server in this process was to have."""
    yield
    config.get_config_options(force_reparse=True)


def refused(ran: Any, *words: str) -> None:
    """One line on stderr with these words, nothing on stdout, exit code 2."""
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: ")
    assert ran.err.count("\n") == 1
    for word in words:
        assert word in ran.err


def test_missing_folder_makes_no_library(bridgelens: Run, tmp_path: Path) -> None:
    refused(bridgelens("index", tmp_path / "none"), str(tmp_path / "none"))
    assert not (tmp_path / "library").exists()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="this user may read everything")
def test_unreadable_folder(bridgelens: Run, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    refused(bridgelens("index", tmp_path / "closed"), "closed")


def test_folder_without_photos(bridgelens: Run, encoder: Any, tmp_path: Path) -> None:
    encoder.notice = None
    (tmp_path / "empty").mkdir()
    refused(bridgelens("index", tmp_path / "empty"), "empty", "found none")


@pytest.mark.parametrize("command", ["status", "failures", "search"])
def test_no_library_yet(bridgelens: Run, tmp_path: Path, command: str) -> None:
    words = ("a dog",) if command == "search" else ()
    refused(bridgelens(command, *words), str(tmp_path / "library"), "bridgelens index")


def test_empty_caption_is_refused_before_anything_is_opened(bridgelens: Run) -> None:
    refused(bridgelens("search", "  "), "caption is empty")


def test_json_and_paths_together(bridgelens: Run) -> None:
    refused(bridgelens("search", "a dog", "--json", "--paths"), "--json and --paths")


@pytest.mark.parametrize("caption", ["no gap here", "<mask> and <mask>"])
def test_fill_needs_one_gap(bridgelens: Run, photos: Path, caption: str) -> None:
    refused(bridgelens("fill", photos / "red.png", caption), '"a <mask> looking out of the window"')


def test_score_of_a_file_that_is_no_photo(bridgelens: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.jpg").write_bytes(b"x")
    refused(bridgelens("score", tmp_path / "bad.jpg", "a dog"), "bad.jpg")


def test_library_being_written(indexed: Run, photos: Path, tmp_path: Path) -> None:
    with Library.open(tmp_path / "library", write=True):
        refused(indexed("index", photos), "library", str(os.getpid()))
        assert indexed("search", "red", "--paths", "-k", "1").out == str(photos / "red.png") + "\n"


def test_library_of_a_newer_version(indexed: Run, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "library" / "catalog.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    refused(indexed("status"), "9999", "newer")


def test_library_of_another_model(indexed: Run, encoder: Any) -> None:
    encoder.fingerprint, encoder.name, encoder.notice = "d" * 16, "other", None
    refused(indexed("search", "red"), "colours", "other", "bridgelens reindex --model other")


def test_library_with_nothing_in_it(bridgelens: Run, encoder: Any, tmp_path: Path) -> None:
    encoder.notice = None
    Library.open(tmp_path / "library", create=True, write=True).close()
    refused(bridgelens("search", "red"), "bridgelens index")


def test_unknown_checkpoint(bridgelens: Run, photos: Path) -> None:
    refused(
        bridgelens("index", photos, "--model", "no/such-checkpoint"), "no/such-checkpoint", "--model mini"
    )


def test_broken_configuration(bridgelens: Run, tmp_path: Path) -> None:
    (tmp_path / "config" / "bridgelens").mkdir(parents=True)
    (tmp_path / "config" / "bridgelens" / "config.toml").write_text("libary = 'x'", encoding="utf-8")
    refused(bridgelens("status"), "config.toml", "'libary'")


@pytest.mark.usefixtures("streamlit_as_before")
def test_web_on_a_taken_port(bridgelens: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused(bridgelens("web", "--port", str(taken.getsockname()[1])), "bridgelens web --port")


def test_library_that_cannot_be_made(bridgelens: Run, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    refused(bridgelens("index", photos, "--library", tmp_path / "file" / "library"), "file")


@pytest.mark.usefixtures("streamlit_as_before")
def test_web_lets_nobody_in_without_asking_who(bridgelens: Run) -> None:
    ran = bridgelens("web", "--host", "0.0.0.0")
    assert ran.code == 2
    assert "BRIDGELENS_PASSWORD" in ran.err and "secrets.toml" in ran.err
