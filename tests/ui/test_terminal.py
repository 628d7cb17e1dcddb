"""Refusals are one line on stderr and exit code 2; results go to stdout untouched."""

import errno

import pytest

from indexer.errors import FolderNotFound
from model.errors import CheckpointNotFound
from search.errors import EmptyCaption
from storage.errors import LibraryLocked
from ui.errors import SettingsError
from ui.terminal import echo_lines, refusals_on_one_line, warn


@pytest.mark.parametrize(
    "refusal",
    [
        CheckpointNotFound("no such\n checkpoint"),
        LibraryLocked("locked by pid 7"),
        FolderNotFound("/none"),
        EmptyCaption("the caption is empty"),
        SettingsError("config.toml is wrong"),
        OSError(errno.ENOSPC, "No space left on device", "/lib/catalog.sqlite"),
        OSError("something without a number"),
    ],
)
def test_refusal_is_one_line_and_exit_2(refusal: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving, refusals_on_one_line():
        raise refusal
    printed = capsys.readouterr()
    assert leaving.value.code == 2
    assert printed.out == ""
    assert printed.err.startswith("error: ")
    assert printed.err.count("\n") == 1


def test_os_error_names_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit), refusals_on_one_line():
        raise OSError(errno.ENOSPC, "No space left on device", "/lib/catalog.sqlite")
    assert capsys.readouterr().err == "error: /lib/catalog.sqlite: No space left on device\n"


def test_markup_and_escapes_in_a_message_are_plain_text(capsys: pytest.CaptureFixture[str]) -> None:
    warn("[red]x[/red]\x1b[2J")
    assert capsys.readouterr().err == "warning: [red]x[/red]\\x1b[2J\n"


def test_a_bug_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), refusals_on_one_line():
        raise ZeroDivisionError


def test_lines_for_programs_are_not_wrapped(capsys: pytest.CaptureFixture[str]) -> None:
    echo_lines(["x" * 500, "[red]"])
    assert capsys.readouterr().out == "x" * 500 + "\n[red]\n"
