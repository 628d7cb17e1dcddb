import shutil
import sqlite3
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from storage import upgrade
from storage.database import Database
from storage.errors import LibraryTooNew, LibraryUnwritable

HEAD = upgrade.HEAD
NEXT = """
import sqlalchemy as sa
from alembic import op
revision = "9999"
down_revision = "{head}"
def upgrade():
    op.add_column("photos", sa.Column("stars", sa.Integer()))
    {last}
"""


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be the next version of bridgelens, with one revision more; its file."""
    folder = tmp_path / "migrations"
    shutil.copytree(upgrade.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(upgrade, "MIGRATIONS", folder)
    monkeypatch.setattr(upgrade, "HEAD", "9999")
    revision = folder / "versions" / "9999_stars.py"
    revision.write_text(NEXT.format(head=HEAD, last=""))
    return revision


def columns(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    names = [row[1] for row in connection.execute("PRAGMA table_info(photos)")]
    connection.close()
    return names


def test_head_is_the_newest_revision() -> None:
    assert ScriptDirectory.from_config(upgrade._config()).get_current_head() == upgrade.HEAD


def test_a_new_file_has_no_revision_and_then_the_newest(tmp_path: Path) -> None:
    database = Database(tmp_path / "catalog.sqlite", write=True)
    assert upgrade.revision(database) is None
    upgrade.upgrade(database)
    assert upgrade.revision(database) == HEAD
    database.close()
    assert [entry.name for entry in tmp_path.iterdir()] == ["catalog.sqlite"]


def test_an_older_library_is_copied_and_brought_up_to_date(database: Database, next_version: Path) -> None:
    assert "stars" not in columns(database.path)
    upgrade.upgrade(database)
    assert upgrade.revision(database) == "9999"
    assert "stars" in columns(database.path)
    copy = database.path.with_name(f"catalog-{HEAD}.sqlite")
    assert "stars" not in columns(copy)


def test_a_failing_revision_changes_nothing(database: Database, next_version: Path) -> None:
    next_version.write_text(NEXT.format(head=HEAD, last="raise ZeroDivisionError"))
    with pytest.raises(ZeroDivisionError):
        upgrade.upgrade(database)
    assert upgrade.revision(database) == HEAD
    assert "stars" not in columns(database.path)


def test_an_older_library_cannot_be_read_before_that(database: Database, next_version: Path) -> None:
    reader = Database(database.path, write=False)
    with pytest.raises(
        LibraryUnwritable, match=f"revision {HEAD}, and 9999 is needed; run `bridgelens index"
    ):
        upgrade.check_revision(reader)
    reader.close()


def test_a_newer_library_is_refused_untouched(database: Database) -> None:
    with sqlite3.connect(database.path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0412'")
    connection.close()
    with pytest.raises(LibraryTooNew, match="revision 0412, and this bridgelens knows them up to " + HEAD):
        upgrade.upgrade(database)
    assert upgrade.revision(database) == "0412"
    assert not database.path.with_name("catalog-0412.sqlite").exists()
