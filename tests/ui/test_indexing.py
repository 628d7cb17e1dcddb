"""What a person sees of an index run, and how it is stopped."""

import io
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from rich.console import Console

from indexer.report import Progress, Report
from storage.library import Library
from storage.records import Failure
from ui.indexing import ProgressBar, duration, pace_text, report_fields, stop_on_signal, summary


def report(
    *,
    failures: tuple[Failure, ...] = (),
    interrupted: bool = False,
    offline: tuple[str, ...] = (),
    missing: int = 0,
) -> Report:
    return Report(
        added=1200, changed=0, unchanged=3, moved=2, copies=1, failed=len(failures), missing=missing,
        embedded=1200, seconds=75.2, interrupted=interrupted, failures=failures, offline=offline,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.4, "0 s"), (59.4, "59 s"), (75, "1 min 15 s"), (3599.7, "1 h 00 min"), (7500, "2 h 05 min")],
)
def test_duration(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


def test_pace() -> None:
    assert pace_text(0.0, None, 0) == ""
    assert pace_text(12.34, 240.0, 2) == "12.3 photos/s, 4 min 00 s left, 2 failed"


def test_summary_leaves_out_what_did_not_happen() -> None:
    lines = summary(report()).plain.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [
        ["1,200", "added"],
        ["2", "moved"],
        ["1", "copies"],
        ["3", "unchanged"],
    ]
    assert lines[0] == "Indexed in 1 min 15 s"


def test_summary_shows_five_failures_and_where_the_rest_are() -> None:
    now = datetime(2024, 5, 1, tzinfo=UTC)
    failures = tuple(Failure(f"/p/{n}.jpg", "empty file", now, 0, 0) for n in range(7))
    text = summary(report(failures=failures), "bridgelens failures --library /lib").plain
    assert "7 failed" in text
    assert [n for n in range(7) if f"/p/{n}.jpg: empty file" in text] == [0, 1, 2, 3, 4]
    assert "bridgelens failures --library /lib" in text


def test_summary_counts_what_needs_an_extra_by_suffix() -> None:
    now = datetime(2024, 5, 1, tzinfo=UTC)
    raw = "RAW photo: needs the raw extra: pip install 'bridgelens[raw]'"
    video = "video: needs the video extra: pip install 'bridgelens[video]'"
    failures = (
        *(Failure(f"/p/{n}.CR2", raw, now, 0, 0) for n in range(1200)),
        *(Failure(f"/p/{n}.nef", raw, now, 0, 0) for n in range(3)),
        Failure("/p/z.mov", video, now, 0, 0),
        Failure("/p/zz.jpg", "empty file", now, 0, 0),
    )
    lines = summary(report(failures=failures)).plain.splitlines()
    assert [line.strip() for line in lines if line.strip().startswith(("1,200 .", "1 .mov", "/p/zz"))] == [
        f"1,200 .cr2, 3 .nef: {raw}",
        f"1 .mov: {video}",
        "/p/zz.jpg: empty file",
    ]


def test_summary_of_an_interrupted_run_says_how_to_go_on() -> None:
    assert summary(report(interrupted=True)).plain.endswith("interrupted; run the same command to go on")


def test_summary_names_an_unplugged_disk() -> None:
    assert "/media/disk: none of its photos can be reached" in summary(report(offline=("/media/disk",))).plain


def test_report_fields_are_the_reports_own() -> None:
    fields = report_fields(report(missing=4))
    assert (fields["added"], fields["missing"], fields["interrupted"]) == (1200, 4, False)


def test_first_interrupt_asks_and_second_insists() -> None:
    stream = io.StringIO()
    with ProgressBar(Console(file=stream, force_terminal=True, width=100)) as bar:
        bar.show(Progress(total=10, done=4, failed=0, photos_per_second=2.0, seconds_left=3.0))
        with stop_on_signal(bar) as stop:
            assert not stop.is_set()
            os.kill(os.getpid(), signal.SIGINT)
            assert stop.is_set()
            with pytest.raises(KeyboardInterrupt):
                os.kill(os.getpid(), signal.SIGINT)
    assert "Finishing the batch in hand" in stream.getvalue()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_bar_shows_count_and_pace() -> None:
    stream = io.StringIO()
    with ProgressBar(Console(file=stream, force_terminal=True, width=100, color_system=None)) as bar:
        bar.show(Progress(total=None, done=0, failed=0, photos_per_second=0.0, seconds_left=None))
        bar.show(Progress(total=10, done=4, failed=1, photos_per_second=2.0, seconds_left=3.0))
    assert "4/10" in stream.getvalue()
    assert "2.0 photos/s, 3 s left, 1 failed" in stream.getvalue()


def test_index_without_a_folder_looks_through_all_of_the_library(
    indexed: Callable[..., Any], photos: Path, tmp_path: Path
) -> None:
    (tmp_path / "more").mkdir()
    Image.new("RGB", (4, 4), "white").save(tmp_path / "more" / "a.png")
    assert "1 added" in indexed("index", tmp_path / "more").out
    (photos / "red.png").unlink()
    ran = indexed("index")
    assert "1 missing" in ran.out
    assert "3 unchanged" in ran.out


def test_index_without_a_folder_of_an_unplugged_disk_goes_on_with_the_others(
    indexed: Callable[..., Any], photos: Path, tmp_path: Path
) -> None:
    (tmp_path / "disk").mkdir()
    Image.new("RGB", (4, 4), "white").save(tmp_path / "disk" / "a.png")
    indexed("index", tmp_path / "disk")
    (tmp_path / "disk").rename(tmp_path / "unplugged")
    ran = indexed("index")
    assert (ran.code, "3 unchanged" in ran.out) == (0, True)
    assert f"{tmp_path / 'disk'}: none of its photos can be reached; is its disk plugged in?" in ran.out
    assert "missing" not in ran.out.replace("Nothing there was marked missing", "")


def test_index_without_a_folder_and_without_a_library(
    bridgelens: Callable[..., Any], encoder: object, tmp_path: Path
) -> None:
    ran = bridgelens("index")
    assert ran.code == 2
    assert "there is no library" in ran.err
    assert "bridgelens index FOLDER" in ran.err
    assert not (tmp_path / "library").exists()


def test_index_without_a_folder_of_a_library_that_has_none(
    bridgelens: Callable[..., Any], encoder: object, tmp_path: Path
) -> None:
    Library.open(tmp_path / "library", create=True).close()
    ran = bridgelens("index")
    assert ran.code == 2
    assert "has no folders yet; name one: bridgelens index FOLDER" in ran.err
