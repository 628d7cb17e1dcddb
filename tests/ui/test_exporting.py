"""`bridgelens export`, on real photos."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ui import compose
from ui.exporting import read_paths

Run = Callable[..., Any]
REPOSITORY = Path(__file__).parents[2]


def typed(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))


def test_the_order_is_that_of_the_list(
    indexed: Run, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, indexed("search", "green", "--paths", "-0", "-k", 2).out.encode())
    ran = indexed("export", "--from", "-", "--copy-to", tmp_path / "new", "--numbered")
    assert (ran.code, ran.out.split()[:3]) == (0, ["2", "photos", "in"])
    copies = sorted(os.listdir(tmp_path / "new"))
    assert copies[0] == "1_green.png"
    assert (tmp_path / "new" / "1_green.png").read_bytes() == (photos / "green.png").read_bytes()


def test_what_is_not_in_the_library_is_told_and_the_rest_exported(
    indexed: Run, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "out\x1bside.png"
    typed(monkeypatch, f"{outside}\n{photos / 'new.png'}\n{photos / 'red.png'}\n".encode())
    ran = indexed("export", "--from", "-", "--json", tmp_path / "a.json")
    assert ran.code == 1
    assert ran.err.splitlines() == [
        f"warning: {tmp_path}/out\\x1bside.png: not in the library",
        f"warning: {photos / 'new.png'}: not in the library",
    ]
    assert [each["path"] for each in json.loads((tmp_path / "a.json").read_text())] == [
        str(photos / "red.png")
    ]


def test_a_photo_that_cannot_be_read_is_told(indexed: Run, photos: Path, tmp_path: Path) -> None:
    (photos / "green.png").unlink()
    ran = indexed("export", "--copy-to", tmp_path / "new")
    assert ran.code == 1
    assert ran.err == f"warning: {photos / 'green.png'}: no such file or directory\n"
    assert ran.out.startswith("2 photos in ")


def test_a_filter_says_which(indexed: Run, photos: Path, tmp_path: Path) -> None:
    assert indexed("export", "--in", photos, "-k", 1, "--csv", tmp_path / "a.csv").code == 0
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 2
    ran = indexed("export", "--kind", "video", "--csv", tmp_path / "b.csv")
    assert (ran.code, ran.err) == (2, "error: there is no photo to export.\n")
    assert not (tmp_path / "b.csv").exists()


def test_ctrl_c(indexed: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(path: str, edge: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(compose, "load_small", interrupted)
    before = sorted(os.listdir(tmp_path))
    ran = indexed("export", "--contact-sheet", tmp_path / "a.pdf")
    assert (ran.code, ran.err) == (130, "Stopped. Every file that has its name is whole.\n")
    assert sorted(os.listdir(tmp_path)) == before


def test_ctrl_c_in_a_real_process(indexed: Run, photos: Path, tmp_path: Path) -> None:
    os.truncate(photos / "red.png", 8 << 30)  # takes long to read, and no room on the disk
    before = sorted(os.listdir(tmp_path))
    command = [sys.executable, "-m", "ui.cli", "export", "--zip", str(tmp_path / "a.zip")]
    with subprocess.Popen(command, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True) as process:
        while sorted(os.listdir(tmp_path)) == before:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert (process.returncode, said) == (130, "Stopped. Every file that has its name is whole.\n")
    assert sorted(os.listdir(tmp_path)) == before


def test_refusals(indexed: Run, tmp_path: Path) -> None:
    for asked, said in (
        ([], "nothing says what to make"),
        (["--from", "none.txt", "--csv", "a.csv"], "--from none.txt: No such file or directory"),
        (["--from", "-", "--kind", "raw", "--csv", "a.csv"], "exclude each other"),
        (["--paper", "a3", "--csv", "a.csv"], "--paper a3: expected a4 or letter"),
    ):
        ran = indexed("export", *asked)
        assert (ran.code, ran.out) == (2, "")
        assert said in ran.err


@pytest.mark.parametrize(
    ("content", "paths"),
    [
        (b"/a/1\n/a/2", ["/a/1", "/a/2"]),
        (b"/a/1\0/a/with\nbreak\0", ["/a/1", "/a/with\nbreak"]),
        (b"/a/1\n\n/a/1\n", ["/a/1"]),
        (b"/a/caf\xe9\n", [os.fsdecode(b"/a/caf\xe9")]),
        (b"", []),
    ],
)
def test_a_list_of_paths(tmp_path: Path, content: bytes, paths: list[str]) -> None:
    (tmp_path / "list").write_bytes(content)
    assert read_paths(str(tmp_path / "list")) == paths


def test_paths_are_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list").write_text("a.jpg\n./sub/../b.jpg\n")
    assert read_paths("list") == [str(tmp_path / "a.jpg"), str(tmp_path / "b.jpg")]
