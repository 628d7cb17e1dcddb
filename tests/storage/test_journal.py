import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from storage.catalog import Catalog
from storage.database import Database
from storage.journal import Journal
from storage.records import Failure, ModelRef, NewPhoto

THEN = datetime(2024, 7, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def journal(database: Database) -> Journal:
    Catalog(database).add_root("/photos")
    return Journal(database)


def test_a_run_from_start_to_end(journal: Journal) -> None:
    assert journal.last_run() is None
    before = datetime.now(UTC)
    run_id = journal.start_run()
    run = journal.last_run()
    assert run is not None
    assert (run.run_id, run.status, run.ended_at, run.counts) == (run_id, "running", None, {})
    assert before - timedelta(seconds=1) < run.started_at < datetime.now(UTC) + timedelta(seconds=1)
    journal.end_run(run_id, "complete", {"added": 12, "failed": 1})
    run = journal.last_run()
    assert run is not None
    assert (run.status, run.counts) == ("complete", {"added": 12, "failed": 1})
    assert run.ended_at is not None


def test_a_run_that_was_killed_is_noted_as_interrupted(journal: Journal, database: Database) -> None:
    first = journal.start_run()
    second = journal.start_run()
    last = journal.last_run()
    assert last is not None
    assert (first, last.run_id, last.status) == (second - 1, second, "running")
    with database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT status FROM runs ORDER BY id").all()
    assert [row[0] for row in rows] == ["interrupted", "running"]


def test_failures_come_back_sorted(journal: Journal) -> None:
    bad = Failure(os.fsdecode(b"/photos/\xe9.jpg"), "not an image", THEN, 5, 6)
    empty = Failure("/photos/b/a.jpg", "empty file", THEN, 0, 7)
    journal.add_failures([bad, empty])
    assert list(journal.failures().items()) == [(empty.path, empty), (bad.path, bad)]
    assert journal.failures("/photos/b") == {empty.path: empty}


def test_a_newer_failure_replaces_the_older(journal: Journal) -> None:
    journal.add_failures([Failure("/photos/a", "empty file", THEN, 0, 1)])
    newer = Failure("/photos/a", "truncated", THEN + timedelta(days=1), 9, 2)
    journal.add_failures([Failure("/photos/a", "skipped", THEN, 0, 1), newer])
    assert list(journal.failures().values()) == [newer]


def test_a_mended_file_is_no_failure(
    journal: Journal, database: Database, model: ModelRef, photo: Callable[..., NewPhoto]
) -> None:
    journal.add_failures([Failure(f"/photos/{name}", "empty file", THEN, 0, 1) for name in "abc"])
    Catalog(database).add(model, [photo("/photos/a", "h", [1, 0, 0, 0])])
    assert list(journal.failures()) == ["/photos/b", "/photos/c"]
    journal.forget_failures(["/photos/b", "/photos/unknown"])
    assert list(journal.failures()) == ["/photos/c"]


def test_a_reason_may_name_any_file(journal: Journal) -> None:
    journal.add_failures([Failure("/photos/a", os.fsdecode(b"no such file: caf\xe9"), THEN, 0, 1)])
    assert journal.failures()["/photos/a"].reason == "no such file: caf\\udce9"
