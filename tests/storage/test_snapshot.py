"""A copy shows one moment, whatever is written while it is made."""

import os
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from storage.database import Database
from storage.snapshot import is_damage, one_view, problems, write_copy


def test_what_is_written_after_the_view_began_is_not_in_the_copy(database: Database, tmp_path: Path) -> None:
    reader = Database(database.path, write=False)
    steps: list[tuple[int, int]] = []
    with one_view(reader) as view:
        with database.writing() as connection:
            connection.exec_driver_sql("INSERT INTO roots (path) VALUES (x'61')")
        write_copy(view, tmp_path / "copy", lambda done, total: steps.append((done, total)))
    reader.close()
    assert steps[-1][0] == steps[-1][1] > 0
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("copy")) == ["copy"]
    with closing(sqlite3.connect(tmp_path / "copy")) as copy:
        assert problems(copy) == []
        assert copy.execute("SELECT count(*) FROM roots").fetchone() == (0,)
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_copy_that_cannot_be_written_names_itself(database: Database, tmp_path: Path) -> None:
    with one_view(database) as view, pytest.raises(OSError, match=r"none.copy") as refused:
        write_copy(view, tmp_path / "none" / "copy")
    assert "unable to open" in str(refused.value)


FULL = """
import resource, signal, sys
from pathlib import Path
from storage.database import Database
from storage.snapshot import one_view, write_copy

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
database = Database(Path(sys.argv[1]), write=False)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
try:
    with one_view(database) as view:
        write_copy(view, Path(sys.argv[2]))
except OSError as problem:
    print(problem.filename)
"""


@pytest.mark.skipif(os.name == "nt", reason="limits of file sizes are POSIX only")
def test_a_full_disk_is_said_of_the_copy(
    database: Database, tmp_path: Path, child: Callable[..., "subprocess.Popen[str]"]
) -> None:
    assert database.path.stat().st_size > 50_000
    printed = child(FULL, database.path, tmp_path / "copy").communicate()[0]
    assert printed == f"{tmp_path / 'copy'}\n"


def test_damage_is_told_from_a_full_disk(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"no database at all" * 100)
    with closing(sqlite3.connect(tmp_path / "text")) as connection:
        with pytest.raises(sqlite3.DatabaseError) as damage:
            problems(connection)
    assert is_damage(damage.value)
    assert not is_damage(sqlite3.OperationalError("database or disk is full"))
