"""Opening a folder on the desktop, which these tests give a file manager of their own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ui.desktop import can_show_files, has_screen, show_file
from ui.errors import UiError

pytestmark = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="these have no xdg-open")


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file manager: it notes what it opens, and ends as the file `code` says."""
    command = tmp_path / "xdg-open"
    command.write_text(f'#!/bin/sh\nprintf %s "$1" > "{tmp_path}/opened"\nexit $(cat "{tmp_path}/code")\n')
    command.chmod(0o755)
    (tmp_path / "code").write_text("0")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("DISPLAY", ":0")
    return tmp_path


def test_the_folder_of_the_file_is_opened(desktop: Path) -> None:
    folder = desktop / "a folder; $(echo x)"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(b"")
    show_file(str(folder / "a.jpg"))
    assert (desktop / "opened").read_text() == str(folder)


def test_a_desktop_that_cannot_is_refused(desktop: Path) -> None:
    (desktop / "code").write_text("4")
    with pytest.raises(UiError, match=f"could not open {desktop}; open it by hand"):
        show_file(str(desktop / "code"))


def test_a_file_that_is_gone_is_no_folder_to_open(desktop: Path) -> None:
    with pytest.raises(FileNotFoundError):
        show_file(str(desktop / "gone.jpg"))
    assert not (desktop / "opened").exists()


def test_it_takes_a_screen_and_an_opener(desktop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert has_screen() and can_show_files()
    monkeypatch.setenv("PATH", str(desktop / "nowhere"))
    assert has_screen() and not can_show_files()
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert not has_screen()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert has_screen()
