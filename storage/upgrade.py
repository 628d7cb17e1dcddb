"""Bringing catalog.sqlite to the tables this version works with, without ever losing the older file."""

import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from storage.database import Database
from storage.errors import LibraryTooNew, LibraryUnwritable

if TYPE_CHECKING:
    from alembic.config import Config

# The newest revision in migrations/versions. Written here so that opening a current library needs no Alembic.
HEAD = "0003"
MIGRATIONS = Path(__file__).with_name("migrations")


def revision(database: Database) -> str | None:
    """The revision of the library's tables; None when there are none yet."""
    with database.reading() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return found


def check_revision(database: Database) -> None:
    """Refuse tables that this version cannot read as they are.

    Raises:
        LibraryTooNew: A newer version wrote them.
        LibraryUnwritable: They are older, and were opened for reading only.
    """
    found = revision(database)
    if found == HEAD:
        return
    if found is not None and found not in known_revisions():
        raise LibraryTooNew(
            f"the library {database.path.parent} has tables of revision {found}, and this bridgelens "
            f"knows them up to {HEAD}; install the newer bridgelens that wrote it, "
            "or choose another library with --library"
        )
    if not database.write:
        raise LibraryUnwritable(
            f"the library {database.path.parent} has tables of revision {found}, and {HEAD} is needed; "
            "run `bridgelens index FOLDER` once to bring it up to date"
        )


def upgrade(database: Database) -> None:
    """Bring the tables to HEAD in one transaction; a library that holds rows is copied beside itself first.

    Raises:
        LibraryTooNew: A newer version wrote them.
        LibraryUnwritable: The copy or the new tables cannot be written.
    """
    check_revision(database)
    found = revision(database)
    if found == HEAD:
        return
    if found is not None:
        _copy(database.path, database.path.with_name(f"catalog-{found}.sqlite"))
    # Alembic takes a while to import, and is needed once in a library's life.
    from alembic import command

    config = _config()
    with database.migrating() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _copy(catalog: Path, copy: Path) -> None:
    """A consistent copy, with what is still in the write-ahead log; whole or not there."""
    part = copy.with_name(copy.name + ".part")
    try:
        part.unlink(missing_ok=True)
        source, target = sqlite3.connect(catalog), sqlite3.connect(part)
        try:
            source.backup(target)
        finally:
            source.close()
            target.close()
        os.replace(part, copy)
    except (sqlite3.Error, OSError) as problem:
        raise LibraryUnwritable(
            f"cannot copy {catalog} to {copy} before bringing it up to date: {problem}; free some disk space"
        ) from problem


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def known_revisions() -> set[str]:
    """The revisions this version can read, or bring up to date."""
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
