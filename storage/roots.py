"""The folders of a library, and which of them a file belongs to: the deepest one above it."""

import os
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update

from storage.errors import FileOutsideRoots
from storage.schema import FailedFile, File, Root


class Place(NamedTuple):
    """Where a file's row lies: its root, and its path from there."""

    root_id: int
    relative_path: str


class Roots:
    """The roots as they are in one transaction."""

    def __init__(self, connection: Connection) -> None:
        """Read them."""
        rows = connection.execute(select(Root.id, Root.path)).all()
        self.paths: dict[int, str] = dict(rows)
        # Deepest first, so that the first root that holds a path is the one it belongs to.
        inside = [(as_prefix(path), root_id) for root_id, path in rows]
        self._inside = sorted(inside, key=lambda one: len(one[0]), reverse=True)

    def place(self, path: str) -> Place:
        """The place of an absolute path.

        Raises:
            FileOutsideRoots: It lies under no root.
        """
        for prefix, root_id in self._inside:
            if path.startswith(prefix):
                return Place(root_id, path[len(prefix) :])
        known = ", ".join(sorted(self.paths.values())) or "none yet"
        raise FileOutsideRoots(
            f"{path} lies under none of the library's folders ({known}); "
            "add its folder with `bridgelens index FOLDER`"
        )

    def places(self, paths: Iterable[str]) -> dict[int, list[str]]:
        """Relative paths by root, of those paths that lie under one."""
        found: dict[int, list[str]] = {}
        for path in paths:
            root_id, relative_path = self.place(path)
            found.setdefault(root_id, []).append(relative_path)
        return found

    def absolute(self, root_id: int, relative_path: str) -> str:
        """The absolute path of a place."""
        return as_prefix(self.paths[root_id]) + relative_path

    def under(self, folder: str, table: type[File] | type[FailedFile]) -> ColumnElement[bool]:
        """The condition for rows that lie in `folder` or deeper, whichever root they belong to."""
        spans = self.spans(folder)
        condition: ColumnElement[bool] = table.root_id.in_([root_id for root_id, inner in spans if not inner])
        return or_(condition, *(below(table, root_id, inner) for root_id, inner in spans if inner))

    def spans(self, folder: str) -> list[tuple[int, str]]:
        """Where the rows of what lies in `folder` or deeper are: root ids, and which part of each root.

        A part is given by what the relative paths in it begin with, a folder and a separator; by "" for all.
        """
        prefix = as_prefix(absolute(folder))
        whole = [root_id for root_id, path in self.paths.items() if as_prefix(path).startswith(prefix)]
        spans = [(root_id, "") for root_id in whole]
        for root_prefix, root_id in self._inside:
            if prefix.startswith(root_prefix) and prefix != root_prefix:
                return [*spans, (root_id, prefix[len(root_prefix) :])]
        return spans


def absolute(folder: str | os.PathLike[str]) -> str:
    """The one spelling of a folder that the library uses: absolute, without `..` and a last separator."""
    return os.path.abspath(folder)


def add_root(connection: Connection, folder: str) -> None:
    """Add a root, unless it is there; rows of a root above it that lie in it become its own."""
    roots = Roots(connection)
    path = absolute(folder)
    if path in roots.paths.values():
        return
    parent: Place | None = None
    try:
        parent = roots.place(as_prefix(path))
    except FileOutsideRoots:
        pass
    root_id = connection.execute(insert(Root).values(path=path).returning(Root.id)).scalar_one()
    if parent is None:
        return
    for table in (File, FailedFile):
        first = len(os.fsencode(parent.relative_path)) + 1
        connection.execute(
            update(table)
            .where(below(table, parent.root_id, parent.relative_path))
            .values(root_id=root_id, relative_path=func.substr(table.relative_path, first))
        )


def below(table: type[File] | type[FailedFile], root_id: int, prefix: str) -> ColumnElement[bool]:
    """Rows of a root with paths that start with `prefix`, which ends in a separator: a range of the index."""
    end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    return and_(table.root_id == root_id, table.relative_path >= prefix, table.relative_path < end)


def as_prefix(folder: str) -> str:
    """What the paths of all that lies in a folder begin with."""
    return folder if folder.endswith(os.sep) else folder + os.sep
