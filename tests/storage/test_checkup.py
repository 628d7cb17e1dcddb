"""The examination as a whole: a good library, one in use, one beyond repair, one too old or too new."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.checkup import CHECKS, check_up
from storage.errors import LibraryNotFound, LibraryTooNew
from storage.library import Library
from storage.records import ModelRef

Sql = Callable[..., list[tuple[object, ...]]]


@pytest.mark.parametrize("repair", [True, False])
def test_a_good_library_passes_every_check(filled: Path, tmp_path: Path, repair: bool) -> None:
    (tmp_path / "photos" / "a.jpg").write_bytes(b"its folder is not empty")
    findings = list(check_up(filled, repair=repair))
    assert [finding.check for finding in findings] == list(CHECKS)
    assert {finding.state for finding in findings} == {"ok"}
    found = {finding.check: finding.found for finding in findings}
    assert found["embeddings"] == "3 are whole, finite and of unit norm"
    assert found["coverage"] == "every present photo is embedded by mini"
    assert found["index files"] == "1 hold what the rows hold (mini: exact)"
    assert found["folders"] == "1 of 2 are there; offline, its photos kept: /photos"


def test_an_empty_library_passes_too(library: Library) -> None:
    library.close()
    assert {finding.state for finding in check_up(library.folder, repair=True)} == {"ok"}


def test_no_library(tmp_path: Path) -> None:
    with pytest.raises(LibraryNotFound, match="bridgelens index"):
        list(check_up(tmp_path, repair=True))
    assert list(tmp_path.iterdir()) == []


def test_a_library_in_use_is_checked_and_left_alone(filled: Path, sql: Sql) -> None:
    sql("INSERT INTO runs (started_at, status, counts) VALUES ('2024-01-01 00:00:00', 'running', '{}')")
    (filled / "index-00112233aabbccdd.faiss").write_bytes(b"half")
    with Library.open(filled, write=True):
        findings = {finding.check: finding for finding in check_up(filled, repair=True)}
    assert f"written by process {os.getpid()}" in findings["writer"].found
    assert findings["runs"].found == "one is going on now"
    assert findings["index files"].state == "to do"
    assert (filled / "index-00112233aabbccdd.faiss").read_bytes() == b"half"
    again = {finding.check: finding.state for finding in check_up(filled, repair=True)}
    assert (again["runs"], again["index files"]) == ("repaired", "repaired")


def test_a_file_that_is_no_database_says_to_restore(filled: Path) -> None:
    (filled / "catalog.sqlite").write_bytes(b"no database at all" * 1000)
    (finding,) = check_up(filled, repair=True)
    assert (finding.check, finding.state) == ("database", "to do")
    assert "bridgelens restore FILE" in finding.advice


def test_a_torn_page_is_found_the_rest_still_checked_and_nothing_repaired(filled: Path, sql: Sql) -> None:
    (page,) = sql("SELECT rootpage FROM sqlite_master WHERE name = 'embeddings'")[0]
    assert isinstance(page, int)
    sql("PRAGMA journal_mode = DELETE")
    with open(filled / "catalog.sqlite", "r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    (filled / "index-ffff.faiss").write_bytes(b"an orphan")
    findings = {finding.check: finding for finding in check_up(filled, repair=True)}
    assert findings.keys() == CHECKS.keys()
    assert (findings["database"].state, findings["embeddings"].state) == ("to do", "to do")
    assert "bridgelens restore FILE" in findings["database"].advice
    assert findings["paths"].state == "ok"
    assert (filled / "index-ffff.faiss").exists()


def test_a_newer_library_is_refused(filled: Path, sql: Sql) -> None:
    sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(LibraryTooNew):
        list(check_up(filled, repair=True))


KILLED = """
import os, signal, sys
from pathlib import Path
from storage.library import Library
library = Library.open(Path(sys.argv[1]), write=True)
library.start_run()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_run_left_is_put_right(
    filled: Path, model: ModelRef, child: Callable[..., "subprocess.Popen[str]"]
) -> None:
    assert child(KILLED, filled).wait() == -9
    looked = {finding.check: finding for finding in check_up(filled, repair=False)}
    assert (looked["runs"].state, looked["runs"].advice) == (
        "to do",
        "run `bridgelens doctor`, which repairs it",
    )
    assert {finding.check for finding in check_up(filled, repair=True) if finding.state == "repaired"} == {
        "runs"
    }
    with Library.open(filled) as library:
        run = library.status().last_run
        assert run is not None
        assert run.status == "interrupted"
        assert len(library.index(model)) == 3
