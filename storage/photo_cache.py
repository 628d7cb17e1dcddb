"""Small things made of photos, such as thumbnails, by content hash in one SQLite file of bounded size.

A cache: what is lost, damaged or refused is made anew from the photo, so no failure here leaves this file.
One file holds any number of things and has its own log, so that millions of photos need no millions of
inodes, no write is ever half there, and what was used least recently is found without a walk.
"""

import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from storage.cache_file import OVERHEAD, bytes_used, connect, delete, insert, next_use, pragma
from storage.snapshot import is_damage

_FIND = """
SELECT id, checksum, bytes FROM entries JOIN contents USING (id) WHERE content_hash = ? AND made_by = ?
"""
_USES_NOTED = 256  # reads whose use is written down together: reading writes next to nothing

Known = Callable[[Sequence[str]], Set[str]]
"""Those of the contents, by hash, that the library has photos of."""


class PhotoCache:
    """One file of such things. Safe to share between threads, and between programs.

    Attributes:
        problem: Why nothing more is written, such as a full disk; None while all is well.
    """

    def __init__(self, path: Path, bound: int | None = None) -> None:
        """Nothing is opened or made before it is needed.

        `bound` is in bytes, of the file without its log of at most some 16 MB; None is no bound, 0 keeps
        and gives nothing.
        """
        self.path = path
        self.problem: str | None = None
        self._bound = bound
        self._connection: sqlite3.Connection | None = None
        self._refusal: str | None = None
        self._used: set[int] = set()
        self._lock = threading.RLock()

    def get(self, content_hash: str, made_by: str = "") -> bytes | None:
        """What was kept of a content; None when nothing was, or what is there is not what was kept."""
        found: tuple[int, int, bytes] | None = None
        with self._lock, self._harmless():
            if self._bound != 0 and (rows := self._opened(create=False)) is not None:
                found = rows.execute(_FIND, (content_hash, made_by)).fetchone()
        if found is None:
            return None
        entry, checksum, content = found
        if not isinstance(content, bytes) or zlib.crc32(content) != checksum:
            self.remove([entry])
            return None
        self._note_use(entry)
        return content

    def put(self, content_hash: str, content: bytes, made_by: str = "") -> None:
        """Keep this; what was used least recently makes room for it."""
        self._store({content_hash: content}, made_by, evict=True)

    def fill(self, contents: Mapping[str, bytes], made_by: str = "") -> None:
        """Keep as many of these, by content hash, as there is room for.

        Nothing makes room: of a library that is larger than the bound, all but the end would be written in
        vain.
        """
        self._store(contents, made_by, evict=False)

    def lacking(self, hashes: Iterable[str], made_by: str = "") -> set[str]:
        """Those contents that nothing is kept of and something could be."""
        wanted = set(hashes)
        with self._lock, self._harmless():
            if self._bound == 0 or self.problem is not None:
                return set()
            rows = self._opened(create=False)
            if rows is None:
                return wanted
            query = "SELECT 1 FROM entries WHERE content_hash = ? AND made_by = ?"
            have = {each for each in wanted if rows.execute(query, (each, made_by)).fetchone()}
            return wanted - have if self._refusal is None else set()
        return set()

    def strangers(self, known: Known) -> list[int]:
        """The entries of contents that the library has no photo of."""
        found: list[int] = []
        with self._lock, self._harmless():
            rows = self._opened(create=False)
            last = 0
            query = "SELECT id, content_hash FROM entries WHERE id > ? ORDER BY id LIMIT 10000"
            while rows is not None and (page := rows.execute(query, (last,)).fetchall()):
                last = page[-1][0]
                photos = known([content_hash for _, content_hash in page])
                found += [entry for entry, content_hash in page if content_hash not in photos]
        return found

    def remove(self, entries: Iterable[int]) -> None:
        """Let go of entries, and of the room that they took."""
        self._write(lambda rows: delete(rows, entries))
        self._shrink()

    def discard(self) -> None:
        """Delete the file: the next thing to keep begins it anew."""
        with self._lock:
            self.close()
            try:
                for suffix in ("", "-wal", "-shm"):
                    self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
            except OSError as error:
                self.problem = f"{self.path} cannot be deleted: {error.strerror or error}"

    def damage(self) -> str | None:
        """What SQLite finds amiss with the file; None for a file that is whole, or not there."""
        if not self.path.is_file():
            return None
        try:
            with closing(connect(self.path)[0]) as rows:
                (found,) = rows.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.Error as error:
            return str(error)
        return None if found == "ok" else " ".join(str(found).split())

    def size_bytes(self) -> int:
        """Bytes on the disk."""
        size = 0
        for suffix in ("", "-wal", "-shm"):
            with suppress(OSError):
                size += self.path.with_name(self.path.name + suffix).stat().st_size
        return size

    def close(self) -> None:
        """Note what was used, and close the file; the next call opens it again."""
        with self._lock:
            if self._used:
                self._write(self._write_uses)
            if self._connection is not None:
                with suppress(sqlite3.Error):
                    self._connection.close()
                self._connection = None

    def _store(self, contents: Mapping[str, bytes], made_by: str, *, evict: bool) -> None:
        if not contents or self._bound == 0 or self.problem is not None:
            return

        def change(rows: sqlite3.Connection) -> None:
            self._write_uses(rows)
            for content_hash, content in contents.items():
                if self._has_room(rows, len(content) + OVERHEAD, evict):
                    insert(rows, content_hash, made_by, content)

        self._write(change, create=True)
        self._shrink()

    def _has_room(self, rows: sqlite3.Connection, needed: int, evict: bool) -> bool:
        """Whether so many bytes more stay within the bound, once what is older has made room."""
        if self._bound is None:
            return True
        missing = bytes_used(rows) + needed - self._bound
        if missing <= 0:
            return True
        if not evict or needed > self._bound:
            return False
        going = []
        for entry, size in rows.execute("SELECT id, size FROM entries ORDER BY used, id"):
            going.append(entry)
            missing -= size
            if missing <= 0:
                break
        delete(rows, going)
        return bytes_used(rows) + needed <= self._bound

    def _note_use(self, entry: int) -> None:
        with self._lock:
            self._used.add(entry)
            if len(self._used) >= _USES_NOTED:
                self._write(self._write_uses)

    def _write_uses(self, rows: sqlite3.Connection) -> None:
        now = next_use(rows)
        rows.executemany("UPDATE entries SET used = ? WHERE id = ?", [(now, entry) for entry in self._used])
        self._used.clear()

    def _shrink(self) -> None:
        """Give back what the file takes beyond the bound, as after a lower one was set; without one, all."""
        with self._lock, self._harmless():
            if (rows := self._connection) is not None and self._refusal is None:
                free, pages = pragma(rows, "freelist_count"), pragma(rows, "page_count")
                if free and (self._bound is None or pages * pragma(rows, "page_size") > self._bound):
                    rows.executescript("PRAGMA incremental_vacuum")  # `execute` would free one page

    def _write(self, change: Callable[[sqlite3.Connection], None], *, create: bool = False) -> None:
        """Make a change, all of it or nothing, where there is something to write to."""
        with self._lock, self._harmless():
            rows = self._opened(create=create) if self.problem is None else None
            if rows is None or self._refusal is not None:
                if create and self.problem is None:
                    self.problem = f"{self.path}: {self._refusal}"
                self._used.clear()
                return
            try:
                rows.execute("BEGIN IMMEDIATE")
                change(rows)
                rows.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    rows.rollback()
                raise

    @contextmanager
    def _harmless(self) -> Iterator[None]:
        """Inside, a damaged file is begun anew, and one that takes nothing more is let be, with a word."""
        try:
            yield
        except sqlite3.Error as error:
            self._used.clear()
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if is_damage(error):
                self.discard()
            elif code not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):  # another program is at it
                self.problem = f"{self.path}: {error}"

    def _opened(self, *, create: bool) -> sqlite3.Connection | None:
        if self._connection is None and (create or self.path.is_file()):
            self._connection, self._refusal = connect(self.path)
        return self._connection
