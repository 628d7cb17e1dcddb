"""Checks of the catalog's rows: SQLite's own, and what the tables promise beyond them."""

import os
import re
from collections import Counter
from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from storage.finding import RESTORE, Examined, Finding, mended
from storage.models import ACTIVE
from storage.roots import Roots, below
from storage.schema import FailedFile, File, Model, Run, Setting

_SHOWN = 3
# These say that an SQL index does not fit its table, which is whole: the index is made anew from it.
_INDEX_ONLY = re.compile(r"(row \d+ missing from index|wrong # of entries in index) ")


def integrity(library: Examined) -> Iterator[Finding]:
    """SQLite's own examination of every page and every SQL index."""
    problems = _problems(library)
    if problems and library.repair and all(map(_INDEX_ONLY.match, problems)):
        with library.database.writing() as connection:
            connection.exec_driver_sql("REINDEX")
        if not _problems(library):
            yield Finding("database", "repaired", f"SQL indexes were made anew: {_some(problems)}")
            return
    if problems:
        yield Finding("database", "to do", f"SQLite finds it damaged: {_some(problems)}", RESTORE)
    else:
        yield Finding("database", "ok", "whole, as SQLite finds it")


def references(library: Examined) -> Iterator[Finding]:
    """Every row that another row names is there."""
    tables: Counter[str] = Counter()
    with library.database.reading() as connection:
        for table, _, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
            tables[f"{table} without their {parent}"] += 1
    if tables:
        found = ", ".join(f"{count:,} {what}" for what, count in sorted(tables.items()))
        yield Finding("references", "to do", found, RESTORE)
    else:
        yield Finding("references", "ok", "every row that another names is there")


def settings(library: Examined) -> Iterator[Finding]:
    """The count of changes is there, and the active models are ones the library knows."""
    with library.database.reading() as connection:
        values = dict(connection.execute(select(Setting.key, Setting.value)).all())
        known = set(connection.scalars(select(Model.fingerprint)))
    faults = [] if values.get("changes", "").isdigit() else ["the count of changes is not there"]
    active = values.get(ACTIVE, "").split()
    if unknown := [fingerprint for fingerprint in active if fingerprint not in known]:
        faults.append(f"no model {', '.join(unknown)} is known")
    if not faults:
        yield Finding("settings", "ok", "as they should be")
        return
    if library.repair:
        values["changes"] = values["changes"] if values.get("changes", "").isdigit() else "0"
        values[ACTIVE] = " ".join(fingerprint for fingerprint in active if fingerprint in known)
        with library.database.writing() as connection:
            connection.execute(delete(Setting))
            rows = [{"key": key, "value": value} for key, value in values.items() if value]
            connection.execute(insert(Setting), rows)
    yield mended("settings", "; ".join(faults), repaired=library.repair)


def paths(library: Examined) -> Iterator[Finding]:
    """A file has one row, in the deepest root above it; SQLite keeps it to one a root by itself."""
    with library.database.reading() as connection:
        stray = sum(
            connection.scalar(select(func.count()).select_from(table).where(inside)) or 0
            for table, inside, _ in _strays(connection)
        )
    if not stray:
        yield Finding("paths", "ok", "every file has one place")
        return
    if library.repair:
        with library.database.writing() as connection:
            for table, inside, moved in _strays(connection):
                # A row that is in its place already stays; the stray one names the same file.
                connection.execute(update(table).where(inside).values(moved).prefix_with("OR IGNORE"))
                connection.execute(delete(table).where(inside))
    yield mended(
        "paths", f"{stray:,} files were noted under a folder above their own", repaired=library.repair
    )


def runs(library: Examined) -> Iterator[Finding]:
    """No run is noted as going on when none is."""
    going_on = Run.status == "running"
    with library.database.reading() as connection:
        stale = connection.scalar(select(func.count()).select_from(Run).where(going_on)) or 0
    if not stale or not library.alone:
        yield Finding("runs", "ok", "one is going on now" if stale else "none is left open")
        return
    if library.repair:
        with library.database.writing() as connection:
            connection.execute(update(Run).where(going_on).values(status="interrupted"))
    found = f"{stale:,} noted as running were killed: noted as interrupted"
    yield mended("runs", found, repaired=library.repair)


def _strays(
    connection: Connection,
) -> Iterator[tuple[type[File] | type[FailedFile], ColumnElement[bool], dict[str, object]]]:
    """Of each root inside another: the outer one's rows that lie in it, and what they should be."""
    roots = sorted(Roots(connection).paths.items(), key=lambda root: len(root[1]), reverse=True)
    for inner_id, inner in roots:
        for outer_id, outer in roots:
            prefix = os.path.join(outer, "")
            if inner == outer or not inner.startswith(prefix):
                continue
            inside = os.path.join(inner[len(prefix) :], "")
            for table in (File, FailedFile):
                rest = func.substr(table.relative_path, len(os.fsencode(inside)) + 1)
                moved = {"root_id": inner_id, "relative_path": rest}
                yield table, below(table, outer_id, inside), moved


def _problems(library: Examined) -> list[str]:
    with library.database.reading() as connection:
        rows = connection.exec_driver_sql("PRAGMA integrity_check").scalars()
        return [str(row) for row in rows if row != "ok"]


def _some(problems: list[str]) -> str:
    more = f", and {len(problems) - _SHOWN:,} more" if len(problems) > _SHOWN else ""
    return "; ".join(" ".join(problem.split()) for problem in problems[:_SHOWN]) + more
