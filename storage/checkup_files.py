"""Checks of what lies on the disk: the library's own folder, and the folders it indexes."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select

from storage.embeddings import Embeddings
from storage.finding import Examined, Finding, mended
from storage.opening import RESTORING
from storage.presence import is_offline
from storage.schema import Root

# Names that are ours, and no one else's file that happens to lie here.
_PARTS = ("index-*.faiss.part", "catalog-*.sqlite.part", f"{RESTORING}*")


def leftovers(library: Examined) -> Iterator[Finding]:
    """Nothing is left of what was killed half way, and no FAISS file of a model without embeddings."""
    models = Embeddings(library.database).models()
    wanted = {f"index-{model.fingerprint}.faiss" for _, model, count in models if count}
    caches = [path for path in library.folder.glob("index-*.faiss") if path.name not in wanted]
    # While another program writes, these may be its own.
    parts = [path for pattern in _PARTS for path in library.folder.glob(pattern)] if library.alone else []
    if not caches and not parts:
        yield Finding("leftovers", "ok", "none")
        return
    found = ", ".join(path.name for path in (*caches, *parts))
    if library.repair:
        for path in (*caches, *parts):
            _remove(path)
    yield mended("leftovers", f"{found}: of no use, removed", repaired=library.repair)


def folders(library: Examined) -> Iterator[Finding]:
    """The indexed folders that are there; one that is gone or empty, as the place of a disk, is no fault."""
    with library.database.reading() as connection:
        roots = sorted(connection.scalars(select(Root.path)))
    away = [root for root in roots if is_offline(root)]
    found = f"{len(roots) - len(away):,} of {len(roots):,} are there"
    if away:
        found += f"; offline, its photos kept: {', '.join(away)}"
    yield Finding("folders", "ok", found)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
