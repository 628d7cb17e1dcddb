"""What indexing did and what it could not do: runs and failures."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import insert, select, update

from storage.database import Database
from storage.intake import forget_failures
from storage.records import Failure, RunRecord
from storage.roots import Roots
from storage.schema import FailedFile, Run


class Journal:
    """Runs and failures. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Work on the given catalog."""
        self._database = database

    def start_run(self) -> int:
        """Note that a run starts; its id. A run that never ended was killed, and is noted as interrupted."""
        with self._database.writing() as connection:
            connection.execute(update(Run).where(Run.status == "running").values(status="interrupted"))
            new = insert(Run).values(started_at=datetime.now(UTC), status="running", counts={})
            return connection.execute(new.returning(Run.id)).scalar_one()

    def end_run(self, run_id: int, status: str, counts: Mapping[str, int]) -> None:
        """Note how a run ended: `complete`, `interrupted` or `failed`, and what it did."""
        end = {"ended_at": datetime.now(UTC), "status": status, "counts": dict(counts)}
        with self._database.writing() as connection:
            connection.execute(update(Run).where(Run.id == run_id).values(end))

    def last_run(self) -> RunRecord | None:
        """The latest run, or None before the first."""
        query = select(Run.id, Run.started_at, Run.ended_at, Run.status, Run.counts)
        with self._database.reading() as connection:
            row = connection.execute(query.order_by(Run.id.desc()).limit(1)).one_or_none()
        return None if row is None else RunRecord(*row)

    def add_failures(self, failures: Sequence[Failure]) -> None:
        """Note files that could not be indexed; a newer failure at a path replaces the older."""
        latest = {failure.path: failure for failure in failures}
        if not latest:
            return
        with self._database.writing() as connection:
            roots = Roots(connection)
            forget_failures(connection, roots, list(latest))
            rows = [
                {
                    "root_id": (place := roots.place(failure.path)).root_id,
                    "relative_path": place.relative_path,
                    "reason": failure.reason,
                    "failed_at": failure.failed_at,
                    "size": failure.size,
                    "mtime_ns": failure.mtime_ns,
                }
                for failure in latest.values()
            ]
            connection.execute(insert(FailedFile), rows)

    def forget_failures(self, paths: Iterable[str]) -> None:
        """Drop what is known of failures at these paths, as when the files are gone."""
        with self._database.writing() as connection:
            forget_failures(connection, Roots(connection), list(paths))

    def failures(self, folder: str | None = None) -> dict[str, Failure]:
        """Failures by path, sorted by path: all, or those in a folder or deeper."""
        query = select(
            FailedFile.root_id,
            FailedFile.relative_path,
            FailedFile.reason,
            FailedFile.failed_at,
            FailedFile.size,
            FailedFile.mtime_ns,
        )
        found: dict[str, Failure] = {}
        with self._database.reading() as connection:
            roots = Roots(connection)
            if folder is not None:
                query = query.where(roots.under(folder, FailedFile))
            for root_id, relative_path, reason, failed_at, size, mtime_ns in connection.execute(query):
                path = roots.absolute(root_id, relative_path)
                found[path] = Failure(path, reason, failed_at, size, mtime_ns)
        return dict(sorted(found.items()))
