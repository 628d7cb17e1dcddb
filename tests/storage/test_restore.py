"""What a backup brings back, what it leaves beside, and what is refused before anything is touched."""

import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from storage import upgrade
from storage.backup import back_up
from storage.checkup import check_up
from storage.errors import BackupInvalid, LibraryLocked, LibraryNotFound, LibraryTooNew
from storage.library import Library
from storage.records import ModelRef, NewPhoto
from storage.restore import restore

Sql = Callable[..., list[tuple[object, ...]]]
QUERY = np.array([[1, 0, 0, 0]], dtype=np.float32)
TABLES = ("roots", "photos", "files", "models", "embeddings", "runs", "failures")


def rows(catalog: Path) -> list[list[tuple[object, ...]]]:
    with closing(sqlite3.connect(catalog)) as connection:
        return [connection.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES]


@pytest.fixture
def backup(filled: Path, tmp_path: Path) -> Path:
    return back_up(filled, tmp_path / "backup.sqlite").path


@pytest.fixture
def changed(filled: Path, backup: Path, model: ModelRef, photo: Callable[..., NewPhoto]) -> Path:
    """The library after the backup: its second photo is another one, and a fourth has come."""
    with Library.open(filled, write=True) as library:
        library.add(
            model,
            [
                photo(backup.parent / "photos" / "2.jpg", "other", [1, 0, 0, 0]),
                photo(backup.parent / "photos" / "4.jpg", "h4", [1, 0, 0, 0]),
            ],
        )
        library.save_index(model)
    return filled


def test_exactly_the_rows_come_back_and_the_replaced_ones_are_kept(changed: Path, backup: Path) -> None:
    replaced = rows(changed / "catalog.sqlite")
    done = restore(changed, backup)
    assert done.photos == 3
    assert rows(changed / "catalog.sqlite") == rows(backup)
    assert done.kept is not None
    assert done.kept.name.startswith("catalog-before-restore-")
    assert rows(done.kept) == replaced != rows(backup)
    assert {finding.state for finding in check_up(changed, repair=False)} == {"ok"}
    back = restore(changed, done.kept)
    assert (back.photos, rows(changed / "catalog.sqlite")) == (5, replaced)


def test_a_reader_that_is_open_all_the_time_finds_the_restored_photos(
    changed: Path, backup: Path, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    with Library.open(changed) as reader:
        assert reader.index(model).search(QUERY, 9)[1].tolist() == [[1, 4, 5, 2, 3]]
        assert reader.present_photo_ids().tolist() == [1, 3, 4, 5]
        restore(changed, backup)
        assert reader.index(model).ids.tolist() == [1, 2, 3]
        assert reader.present_photo_ids().tolist() == [1, 2, 3]
        assert [path.name for path in map(Path, reader.photos([2])[2].paths)] == ["2.jpg"]
        with Library.open(changed, write=True) as writer:
            writer.add(model, [photo(backup.parent / "photos" / "5.jpg", "h5", [1, 0, 0, 0])])
        assert reader.index(model).search(QUERY, 2)[1].tolist() == [[1, 4]]


@pytest.mark.parametrize("made", [True, False])
def test_into_an_empty_or_new_folder(backup: Path, tmp_path: Path, model: ModelRef, made: bool) -> None:
    folder = tmp_path / "fresh"
    if made:
        folder.mkdir()
    done = restore(folder, backup)
    assert (done.photos, done.kept) == (3, None)
    assert sorted(path.name for path in folder.iterdir()) == [
        "catalog.sqlite", f"index-{model.fingerprint}.faiss", "writer.lock",
    ]  # fmt: skip
    assert rows(folder / "catalog.sqlite") == rows(backup)


def test_not_into_a_folder_of_other_things(backup: Path, tmp_path: Path) -> None:
    with pytest.raises(LibraryNotFound, match="holds other things"):
        restore(tmp_path, backup)


@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
def test_a_truncated_backup_is_refused(changed: Path, backup: Path, share: float) -> None:
    data = backup.read_bytes()
    backup.write_bytes(data[: int(len(data) * share)])
    before = rows(changed / "catalog.sqlite")
    with pytest.raises(BackupInvalid, match=str(backup)):
        restore(changed, backup)
    assert rows(changed / "catalog.sqlite") == before
    assert not list(changed.glob("catalog-before*"))


def test_what_is_no_backup_is_refused(filled: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    with pytest.raises(BackupInvalid, match="found no such file"):
        restore(filled, other)
    other.write_text("not a database " * 100)
    with pytest.raises(BackupInvalid, match="file is not a database"):
        restore(filled, other)
    other.unlink()
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num)")
        connection.execute("INSERT INTO alembic_version VALUES ('77aa')")
        connection.commit()
    with pytest.raises(BackupInvalid, match="none of bridgelens"):
        restore(filled, other)
    with pytest.raises(BackupInvalid, match="the library's own catalog"):
        restore(filled, filled / "catalog.sqlite")


def test_a_newer_backup_is_refused(filled: Path, backup: Path) -> None:
    with closing(sqlite3.connect(backup)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(LibraryTooNew, match="9999"):
        restore(filled, backup)


def test_an_older_backup_is_brought_up_to_date_and_stays_as_it_is(
    changed: Path, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrations = tmp_path / "migrations"
    shutil.copytree(upgrade.MIGRATIONS, migrations, ignore=shutil.ignore_patterns("__pycache__"))
    (migrations / "versions" / "9000_next.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision = '9000'\ndown_revision = {upgrade.HEAD!r}\n"
        "def upgrade():\n    op.add_column('runs', sa.Column('stars', sa.Integer()))\n"
    )
    monkeypatch.setattr(upgrade, "MIGRATIONS", migrations)
    monkeypatch.setattr(upgrade, "HEAD", "9000")
    before = backup.read_bytes()
    assert restore(changed, backup).photos == 3
    with closing(sqlite3.connect(changed / "catalog.sqlite")) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(runs)")]
    assert "stars" in columns
    assert backup.read_bytes() == before
    assert not list(changed.glob("restoring-*"))


def test_a_catalog_that_is_no_database_any_more_is_kept_byte_by_byte(changed: Path, backup: Path) -> None:
    ruin = b"no database at all" * 1000
    (changed / "catalog.sqlite").write_bytes(ruin)
    done = restore(changed, backup)
    assert done.kept is not None
    assert done.kept.read_bytes() == ruin
    assert rows(changed / "catalog.sqlite") == rows(backup)


def test_a_torn_catalog_is_kept_and_replaced(changed: Path, backup: Path) -> None:
    with open(changed / "catalog.sqlite", "r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 3 * 4096)
    done = restore(changed, backup)
    assert done.kept is not None
    assert done.kept.read_bytes()[4096 : 4 * 4096] == b"\xff" * 3 * 4096
    assert rows(changed / "catalog.sqlite") == rows(backup)
    assert {finding.state for finding in check_up(changed, repair=False)} == {"ok"}


def test_not_while_another_writes(changed: Path, backup: Path) -> None:
    with Library.open(changed, write=True), pytest.raises(LibraryLocked):
        restore(changed, backup)
    assert not list(changed.glob("catalog-before*"))


def test_a_run_that_went_on_during_the_backup_is_not_going_on_after_it(filled: Path, tmp_path: Path) -> None:
    with Library.open(filled, write=True) as library:
        run = library.start_run()
        backup = back_up(filled, tmp_path / "during.sqlite").path
        library.end_run(run, "complete", {})
    restore(filled, backup)
    with Library.open(filled) as library:
        last = library.status().last_run
        assert last is not None
        assert last.status == "interrupted"


FULL = """
import resource, signal, sys
from pathlib import Path
from storage.errors import LibraryUnwritable
from storage.restore import restore

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
try:
    restore(Path(sys.argv[1]), Path(sys.argv[2]))
except LibraryUnwritable as refused:
    print(refused)
"""


@pytest.mark.parametrize("copied", [False, True])
def test_a_full_disk_changes_nothing(
    changed: Path, backup: Path, copied: bool, child: Callable[..., "subprocess.Popen[str]"]
) -> None:
    before = rows(changed / "catalog.sqlite")
    # The second time there is room for the copies, but not for the log of their way into the catalog.
    room = backup.stat().st_size + 100 if copied else 50_000
    printed = child(FULL, changed, backup, str(room)).communicate()[0]
    assert "ree some disk space" in printed
    assert rows(changed / "catalog.sqlite") == before
    assert not [path for path in changed.iterdir() if path.name.endswith(".part")]
