"""doctor, backup and restore as they are typed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from storage.library import Library

Run = Callable[..., Any]


def test_doctor_of_a_good_library(indexed: Run) -> None:
    ran = indexed("doctor")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "All is well.")
    findings = [json.loads(line) for line in indexed("doctor", "--json").out.splitlines()]
    assert [finding["check"] for finding in findings][:2] == ["database", "references"]
    assert {finding["state"] for finding in findings} == {"ok"}


def test_doctor_repairs_unless_it_only_looks(indexed: Run, tmp_path: Path) -> None:
    (index,) = (tmp_path / "library").glob("*.faiss")
    index.unlink()
    looked = indexed("doctor", "--dry-run")
    assert looked.code == 1
    assert "run `bridgelens doctor`" in looked.out
    assert not index.exists()
    ran = indexed("doctor")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "1 repaired; all is well now.")
    assert index.exists()


def test_doctor_says_what_is_left_to_do(indexed: Run, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "library" / "catalog.sqlite")) as connection:
        connection.execute("DELETE FROM embeddings WHERE photo_id = 2")
        connection.commit()
    ran = indexed("doctor")
    assert (ran.code, ran.out.splitlines()[-1]) == (1, "1 left to do.")
    assert "run `bridgelens index FOLDER` with these folders" in ran.out


def test_doctor_without_a_library(bridgelens: Run) -> None:
    ran = bridgelens("doctor")
    assert ran.code == 2
    assert "bridgelens index" in ran.err


def test_backup_and_restore(indexed: Run, photos: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.sqlite"
    ran = indexed("backup", file)
    assert ran.code == 0
    assert ran.out.startswith(f"Backed up 3 photos to {file}, ")
    assert "--force" in indexed("backup", file).err
    fields = json.loads(indexed("backup", file, "--force", "--json").out)
    assert fields == {"path": str(file), "photos": 3, "size_bytes": file.stat().st_size}
    (photos / "red copy.png").write_bytes((photos / "red.png").read_bytes() + b"\0")
    indexed("index", photos)
    ran = indexed("restore", file)
    assert ran.code == 0
    assert "Restored 3 photos." in ran.out
    (kept,) = (tmp_path / "library").glob("catalog-before-restore-*.sqlite")
    assert str(kept) in ran.out
    assert json.loads(indexed("status", "--json").out)["photos"] == 3
    assert indexed("search", "red", "--paths", "-k", "1").out == f"{photos / 'red.png'}\n"


def test_restore_into_a_new_folder(indexed: Run, tmp_path: Path) -> None:
    file, new = tmp_path / "backup.sqlite", tmp_path / "new"
    indexed("backup", file)
    ran = indexed("restore", file, "--library", new, "--json")
    assert json.loads(ran.out) == {"library": str(new), "photos": 3, "kept": None}
    with Library.open(new) as library:
        assert library.status().photos == 3


def test_restore_of_what_is_no_backup(indexed: Run, photos: Path) -> None:
    ran = indexed("restore", photos / "red.png")
    assert ran.code == 2
    assert "file is not a database" in ran.err
