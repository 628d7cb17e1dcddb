from __future__ import annotations

from datetime import UTC, datetime

from indexer.report import Progress, Tally
from storage.records import Failure


def failure(path: str) -> Failure:
    return Failure(path, "empty file: 0 bytes", datetime(2024, 1, 1, tzinfo=UTC), 0, 0)


def test_speed_and_time_left() -> None:
    now = 100.0
    tally = Tally(clock=lambda: now)
    assert tally.progress() == Progress(None, 0, 0, 0.0, None)
    tally.begin_reading(30)
    assert tally.progress() == Progress(30, 0, 0, 0.0, None)
    now = 105.0
    tally.done = 10
    tally.failures.append(failure("/a"))
    assert tally.progress() == Progress(30, 10, 1, 2.0, 10.0)  # 10 in 5 s; 20 more in 10 s


def test_a_report_sorts_failures_and_counts_them() -> None:
    now = 100.0
    tally = Tally(added=2, moved=1, offline=("/disk",), clock=lambda: now)
    tally.failures.extend([failure("/b"), failure("/a")])
    now = 107.0
    report = tally.report(interrupted=True)
    assert (report.added, report.moved, report.failed, report.offline) == (2, 1, 2, ("/disk",))
    assert [each.path for each in report.failures] == ["/a", "/b"]
    assert (report.seconds, report.interrupted) == (7.0, True)
