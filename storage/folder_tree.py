"""The folders in a folder, and which photos lie in each of them, at any depth."""

import os

from sqlalchemy import LargeBinary, Select, func, literal, select, type_coerce

from storage.roots import Roots, absolute, as_prefix, below
from storage.schema import PRESENT, File


def subfolders(roots: Roots, inside: str | None) -> tuple[str, list[Select[int, bytes]]]:
    """Queries for photo ids and, as bytes, the folders in `inside` in which a present file of theirs lies.

    The names follow after the prefix that is the other answer. A pair comes once for each file, and a file
    that lies in `inside` itself is left out. None is the top: the library's own folders that lie in no other.
    """
    if inside is None:
        return "", [_whole(root_id, _outermost(roots, path)) for root_id, path in roots.paths.items()]
    prefix = as_prefix(absolute(inside))
    queries = []
    for root_id, part in roots.spans(inside):
        # A root deeper than the folder is, or lies in, one of its subfolders.
        deeper = as_prefix(roots.paths[root_id])[len(prefix) :]
        queries.append(_whole(root_id, deeper.split(os.sep)[0]) if deeper else _parted(root_id, part))
    return prefix, queries


def _outermost(roots: Roots, path: str) -> str:
    above = [each for each in roots.paths.values() if as_prefix(path).startswith(as_prefix(each))]
    return min(above, key=len)


def _whole(root_id: int, name: str) -> Select[int, bytes]:
    """All photos of a root, in a folder of this name."""
    in_root = (File.root_id == root_id) & PRESENT
    return select(File.photo_id, literal(os.fsencode(name), LargeBinary)).where(in_root)


def _parted(root_id: int, part: str) -> Select[int, bytes]:
    """The photos in a part of a root, as `Roots.spans` gives it, by the first folder after it."""
    rest = func.substr(type_coerce(File.relative_path, LargeBinary), len(os.fsencode(part)) + 1)
    length = func.instr(rest, literal(os.fsencode(os.sep), LargeBinary)) - 1
    here = below(File, root_id, part) if part else File.root_id == root_id
    name = func.substr(rest, 1, length, type_=LargeBinary)
    return select(File.photo_id, name).where(here, PRESENT, length > 0)
