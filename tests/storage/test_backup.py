"""A backup holds what the library held at one moment, and appears only when it is whole."""

import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from storage.backup import BackedUp, back_up
from storage.errors import BackupFailed, LibraryDamaged, LibraryNotFound
from storage.library import Library

Sql = Callable[..., list[tuple[object, ...]]]
Child = Callable[..., "subprocess.Popen[str]"]


def rows(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT id, photo_id, vector FROM embeddings").fetchall()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder / "photos.sqlite"


def test_one_file_with_every_row(filled: Path, target: Path) -> None:
    done = back_up(filled, target)
    assert done == BackedUp(target, 3, target.stat().st_size)
    assert rows(target) == rows(filled / "catalog.sqlite")
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_an_older_file_is_replaced_only_by_force(filled: Path, target: Path) -> None:
    target.write_bytes(b"something else")
    with pytest.raises(BackupFailed, match=r"is there already.*--force"):
        back_up(filled, target)
    assert target.read_bytes() == b"something else"
    assert back_up(filled, target, force=True).photos == 3
    assert len(rows(target)) == 3


@pytest.mark.parametrize("force", [True, False])
def test_never_over_or_beside_the_library_itself(filled: Path, force: bool) -> None:
    before = (filled / "catalog.sqlite").read_bytes()
    for name in ("catalog.sqlite", "backup.sqlite"):
        with pytest.raises(BackupFailed, match="the library's own folder"):
            back_up(filled, filled / name, force=force)
    with pytest.raises(BackupFailed, match="is a folder"):
        back_up(filled, filled.parent, force=force)
    assert (filled / "catalog.sqlite").read_bytes() == before


def test_no_library_and_no_such_folder(filled: Path, tmp_path: Path) -> None:
    with pytest.raises(LibraryNotFound):
        back_up(tmp_path / "none", tmp_path / "b")
    with pytest.raises(BackupFailed, match="No such file or directory"):
        back_up(filled, tmp_path / "none" / "b")


def test_a_damaged_library_gives_no_backup_and_leaves_the_older_one(
    filled: Path, target: Path, sql: Sql
) -> None:
    back_up(filled, target)
    before = target.read_bytes()
    (page,) = sql("SELECT rootpage FROM sqlite_master WHERE name = 'embeddings'")[0]
    assert isinstance(page, int)
    with open(filled / "catalog.sqlite", "r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    with pytest.raises(LibraryDamaged, match="bridgelens doctor"):
        back_up(filled, target, force=True)
    assert target.read_bytes() == before
    assert [path.name for path in target.parent.iterdir()] == [target.name]


WRITER = """
import sys
from pathlib import Path
import numpy as np
from storage.library import Library
from storage.records import FileState, ModelRef, NewPhoto, PhotoFacts

model = ModelRef("00112233aabbccdd", "mini", 4)
root = Path(sys.argv[2])
with Library.open(Path(sys.argv[1]), write=True) as library:
    for number in range(4, 10_000):
        batch = [
            NewPhoto(
                FileState(str(root / f"{number}-{each}"), 1, 1),
                PhotoFacts(f"h{number}-{each}", 40, 30, "JPEG"),
                np.array([0, 0, 0, 1], np.float32),
            )
            for each in range(10)
        ]
        library.add(model, batch)
        print(number, flush=True)
        if sys.stdin.readline() == "enough\\n":
            break
"""


def test_while_another_process_writes(filled: Path, target: Path, tmp_path: Path, child: Child) -> None:
    writer = child(WRITER, filled, tmp_path / "photos")
    assert writer.stdin is not None and writer.stdout is not None
    writer.stdin.write("\n" * 50)
    writer.stdin.flush()
    assert writer.stdout.readline() == "4\n"
    done = back_up(filled, target)  # the writer goes on meanwhile
    assert (done.photos - 3) % 10 == 0, "whole batches"
    assert done.photos >= 13
    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert copy.execute("PRAGMA foreign_key_check").fetchall() == []
        for table in ("embeddings", "files"):
            assert copy.execute(f"SELECT count(*) FROM {table}").fetchone() == (done.photos,)
    writer.stdin.write("enough\n")
    writer.stdin.close()
    writer.stdout.read()
    assert writer.wait() == 0
    with Library.open(filled) as library:
        assert library.status().photos >= 513


FULL = """
import resource, signal, sys
from pathlib import Path
from storage.backup import back_up
from storage.errors import BackupFailed

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
try:
    back_up(Path(sys.argv[1]), Path(sys.argv[2]), force=True)
except BackupFailed as refused:
    print(refused)
"""


def test_a_full_disk_leaves_the_older_backup(filled: Path, target: Path, child: Child) -> None:
    target.write_bytes(b"older")
    printed = child(FULL, filled, target).communicate()[0]
    assert printed.startswith(f"cannot write {target}: ")
    assert target.read_bytes() == b"older"
    assert [path.name for path in target.parent.iterdir()] == [target.name]
