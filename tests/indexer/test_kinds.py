from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from indexer import kinds
from indexer.decode import decode
from indexer.errors import PhotoUnreadable
from indexer.kinds import RAW_SUFFIXES, VIDEO_SUFFIXES, reader_of
from indexer.pipeline import Encoder, index
from indexer.scan import PHOTO_SUFFIXES
from indexer.workers import Workers
from storage.library import Library


def without(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be an installation without the package."""
    monkeypatch.setattr(kinds, "_installed", lambda name: name != package)


def test_no_suffix_has_two_readers() -> None:
    every = [*PHOTO_SUFFIXES, *RAW_SUFFIXES, *VIDEO_SUFFIXES]
    assert len(every) == len(set(every))
    assert all(suffix == suffix.lower() for suffix in every)


@pytest.mark.parametrize("name", ["a.jpg", "a.TIFF", "a", ".cr2"])
def test_what_pillow_reads(name: str) -> None:
    assert reader_of(name) is None


@pytest.mark.parametrize(
    ("name", "package", "reason"),
    [
        ("a.CR3", "rawpy", "RAW photo: needs the raw extra: pip install 'bridgelens[raw]'"),
        ("a.mov", "av", "video: needs the video extra: pip install 'bridgelens[video]'"),
    ],
)
def test_an_absent_reader_is_named_with_what_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str, reason: str
) -> None:
    (tmp_path / name).write_bytes(b"anything")
    without(package, monkeypatch)
    with pytest.raises(PhotoUnreadable) as refused:
        decode(tmp_path / name)
    assert (refused.value.reason, refused.value.lasting) == (reason, False)


def test_a_file_without_its_reader_is_tried_again_when_there_is_one(
    photos: Path,
    library: Library,
    encoder: Encoder,
    save: Callable[..., Path],
    threads: Workers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save("a.jpg")
    (photos / "b.nef").write_bytes(b"II*\0")
    with monkeypatch.context() as absent:
        without("rawpy", absent)
        report = index([photos], library, encoder, workers=threads)
        assert (report.added, [each.reason for each in report.failures]) == (
            1,
            ["RAW photo: needs the raw extra: pip install 'bridgelens[raw]'"],
        )
        assert index([photos], library, encoder, workers=threads).failed == 1
    pytest.importorskip("rawpy")
    [failure] = index([photos], library, encoder, workers=threads).failures
    assert failure.reason.startswith("RAW photo that LibRaw cannot read")
