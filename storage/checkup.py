"""Every promise that a library makes, checked on a real one; what can be repaired is.

A damaged catalog is opened as far as it can be: a check that meets the damage says so, and the others go on.
Rows are read a part at a time, so that memory does not grow with the library.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from storage import checkup_caches, checkup_files, checkup_rows, checkup_vectors
from storage.errors import LibraryDamaged, LibraryLocked, LibraryNotFound, LibraryUnwritable
from storage.finding import RESTORE, Examined, Finding
from storage.lock import WriterLock
from storage.opening import CATALOG, LOCK, open_database
from storage.roots import absolute

Check = Callable[[Examined], Iterator[Finding]]
# In this order: a repair further up can be what a check further down needs.
CHECKS: dict[str, Check] = {
    "database": checkup_rows.integrity,
    "references": checkup_rows.references,
    "settings": checkup_rows.settings,
    "paths": checkup_rows.paths,
    "runs": checkup_rows.runs,
    "embeddings": checkup_vectors.embeddings,
    "coverage": checkup_vectors.coverage,
    "index files": checkup_vectors.index_files,
    "caches": checkup_caches.caches,
    "leftovers": checkup_files.leftovers,
    "folders": checkup_files.folders,
}


def check_up(folder: Path, *, repair: bool) -> Iterator[Finding]:
    """Check a library, a finding at a time; with `repair`, mend what can be mended without losing anything.

    While another program writes to the library it is checked and not repaired.

    Raises:
        LibraryNotFound: There is no library here.
        LibraryTooNew: A newer version wrote it.
        LibraryUnwritable: It is to be repaired, or is of an older version, and the folder does not allow it.
    """
    folder = Path(absolute(folder))
    if not (folder / CATALOG).is_file():
        raise LibraryNotFound(f"there is no library in {folder}; make one with `bridgelens index FOLDER`")
    with ExitStack() as stack:
        alone = False
        try:
            stack.callback(WriterLock(folder / LOCK).release)
            alone = True
        except LibraryLocked as busy:
            yield Finding("writer", "ok", f"{busy}: only checked, not repaired")
        except LibraryUnwritable:
            if repair:
                raise
        try:
            database = open_database(folder, create=False, write=repair and alone)
        except LibraryDamaged as damage:
            yield Finding("database", "to do", str(damage), RESTORE)
            return
        stack.callback(database.close)
        yield from _findings(Examined(folder, database, repair and alone, alone))


def _findings(library: Examined) -> Iterator[Finding]:
    for name, check in CHECKS.items():
        try:
            for finding in check(library):
                if finding.advice == RESTORE:
                    library.repair = False  # nothing is written to a catalog that is damaged
                yield finding
        except LibraryDamaged as damage:
            library.repair = False
            yield Finding(name, "to do", str(damage), RESTORE)
