"""What disks, networks and decoders do to a run: each fault ends in a report and a library that opens."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image

import indexer.pipeline
from indexer.pipeline import Encoder, index
from indexer.report import Progress
from indexer.workers import ChildProcesses, Limits, Workers
from storage.errors import LibraryUnwritable
from storage.library import Library
from storage.records import ModelRef
from tests.indexer.tiny import DEADLY, Deadly, Hanging, Quarters, TinyEncoder

Save = Callable[..., Path]
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX only")


class Counting(Encoder, Protocol):
    fingerprint: str
    seen: int


@posix
def test_a_worker_that_dies(photos: Path, save: Save, library: Library, workers: Workers) -> None:
    save("a.png", "red")
    save("deadly.png", size=DEADLY)
    save("z.png", "blue")
    encoder = TinyEncoder()
    encoder.preprocessor = Deadly()
    report = index([photos], library, encoder, workers=workers)
    assert [(Path(each.path).name, each.reason) for each in report.failures] == [
        ("deadly.png", "its decoder was ended by SIGKILL")
    ]
    assert report.added == 2
    encoder.preprocessor = Quarters()
    report = index([photos], library, encoder, workers=workers)  # tried again
    assert (report.added, report.unchanged, report.failed) == (1, 2, 0)


def test_a_decoder_that_hangs(photos: Path, save: Save, library: Library) -> None:
    save("a.png", "red")
    save("deadly.png", size=DEADLY)
    save("z.png", "blue")
    encoder = TinyEncoder()
    encoder.preprocessor = Hanging()
    with ChildProcesses(2, Limits(seconds=2)) as impatient:
        report = index([photos], library, encoder, workers=impatient)
    assert [(Path(each.path).name, each.reason) for each in report.failures] == [
        ("deadly.png", "no answer within 2 s")
    ]
    assert (report.added, report.offline) == (2, ())


@pytest.mark.parametrize("leave_the_mount_point", [True, False])
def test_a_network_disk_that_vanishes_while_it_is_read(
    tmp_path: Path, save: Save, photos: Path, library: Library, encoder: Counting, leave_the_mount_point: bool
) -> None:
    save("here.png", "red")
    disk, away = tmp_path.resolve() / "disk", tmp_path / "away"
    disk.mkdir()
    for number in range(200):
        Image.new("RGB", (4, 4), (number + 1, 0, 1)).save(disk / f"{number:03}.png")

    def unplug(progress: Progress) -> None:
        if progress.done == 20:
            disk.rename(away)
            if leave_the_mount_point:
                disk.mkdir()

    report = index([disk, photos], library, encoder, batch_size=2, on_progress=unplug)
    assert (report.offline, report.failures, report.interrupted) == ((str(disk),), (), False)
    assert 20 <= report.added < 200
    assert str(photos / "here.png") in library.known_files(str(photos))
    if leave_the_mount_point:
        disk.rmdir()
    away.rename(disk)
    again = index([disk, photos], library, encoder)
    assert (again.added, again.unchanged) == (201 - report.added, report.added)
    assert encoder.seen == 201


FULL_DISK = """
import resource, sys
from pathlib import Path
from indexer.pipeline import index
from storage.errors import StorageError
from storage.library import Library
from tests.indexer.tiny import TinyEncoder

with Library.open(Path(sys.argv[2]), write=True) as library:
    # No file may grow beyond what the write-ahead log has after a few batches.
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
    try:
        index([Path(sys.argv[1])], library, TinyEncoder(), batch_size=2)
    except StorageError as error:
        print(type(error).__name__, error)
"""


@posix
def test_a_full_disk(photos: Path, save: Save, tmp_path: Path, encoder: Counting) -> None:
    for number in range(100):
        save(f"{number:03}.png", (number + 1, 0, 1))
    place = tmp_path / "on a full disk"
    Library.open(place, create=True, write=True).close()
    repository = Path(indexer.pipeline.__file__).parent.parent
    command = [sys.executable, "-c", FULL_DISK, str(photos), str(place)]
    ran = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("LibraryUnwritable")
    assert str(place) in ran.stdout and "space" in ran.stdout
    with Library.open(place) as library:  # a reader needs no space
        stored = library.status().files
    with Library.open(place, write=True) as library:
        report = index([photos], library, encoder)
        assert (report.added, report.unchanged) == (100 - stored, stored)
        assert 0 < stored < 100


def test_a_library_that_may_not_be_written(ordinary_user: Path, encoder: Counting, threads: Workers) -> None:
    photo = ordinary_user / "photos" / "a.png"
    photo.parent.mkdir()
    Image.new("RGB", (4, 4), "red").save(photo)
    place = ordinary_user / "library"
    with Library.open(place, create=True, write=True) as library:
        index([photo.parent], library, encoder, workers=threads)
    (place / "writer.lock").chmod(0o400)
    for file in place.iterdir():
        file.chmod(0o400)
    place.chmod(0o500)
    with pytest.raises(LibraryUnwritable, match=r"cannot write to the library .*Permission denied"):
        Library.open(place, write=True)
    with Library.open(place) as library:
        assert library.present_photo_ids().tolist() == [1]
    place.chmod(0o700)


def broken_exif(path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Model] = "X100"
    Image.new("RGB", (8, 8), "red").save(path, exif=exif)
    data = bytearray(path.read_bytes())
    data[30:60] = b"\xff\x00" * 15
    path.write_bytes(data)


def bomb(path: Path) -> None:
    """A PNG of a few bytes that says it is 60,000 x 60,000: 10 GB as RGB."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))


def cut(path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[:-2000])


def animated(path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("olive", "blue")]
    frames[0].save(path, save_all=True, append_images=frames[1:])


def palette(path: Path) -> None:
    photo = Image.new("P", (8, 8), 1)
    photo.putpalette([0, 0, 0, 0, 200, 0])
    photo.save(path, transparency=0)


ODD_BUT_PHOTOS: dict[str, Callable[[Path], object]] = {
    "broken exif.jpg": broken_exif,
    "wrong suffix.jpg": lambda path: Image.new("RGB", (8, 8), "blue").save(path, "PNG"),
    "one pixel.png": lambda path: Image.new("RGB", (1, 1), "lime").save(path),
    "30000 x 1.png": lambda path: Image.new("RGB", (30_000, 1), "teal").save(path),
    "1 x 30000.jpg": lambda path: Image.new("RGB", (1, 30_000), "navy").save(path),
    "cmyk.jpg": lambda path: Image.new("CMYK", (8, 8), (9, 99, 9, 9)).save(path),
    "16 bits.png": lambda path: Image.fromarray(np.full((8, 8), 40_000, np.uint16)).save(path),
    "palette.png": palette,
    "animated.gif": animated,
}
REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "cut.jpg": (cut, "truncated"),
    "empty.jpg": (Path.touch, "empty file"),
    "bomb.png": (bomb, "too large"),
    "text.jpg": (lambda path: path.write_text("hello"), "not an image"),
}


def test_every_odd_file_is_a_photo_or_a_failure_with_its_reason(
    photos: Path, library: Library, encoder: Counting, workers: Workers
) -> None:
    for name, make in ODD_BUT_PHOTOS.items():
        make(photos / name)
    for name, (spoil, _) in REFUSED.items():
        spoil(photos / name)
    report = index([photos], library, encoder, workers=workers)
    found = {Path(each.path).name: each.reason.partition(":")[0] for each in report.failures}
    assert found == {name: reason for name, (_, reason) in REFUSED.items()}
    assert {Path(path).name for path in library.known_files(str(photos))} == ODD_BUT_PHOTOS.keys()


def test_a_photo_without_a_usable_embedding(
    photos: Path, save: Save, library: Library, workers: Workers
) -> None:
    class Overflowing(TinyEncoder):
        def embed_images(self, crops: NDArray[np.uint8], /) -> NDArray[np.float32]:
            vectors = super().embed_images(crops)
            vectors[crops[:, 0, 0, 0] == 7] = np.inf
            return vectors

    save("a.png", "red")
    save("seven.png", (7, 7, 7))
    save("seven too.png", (7, 7, 7))
    report = index([photos], library, Overflowing(), batch_size=2, workers=workers)
    assert (report.added, report.embedded) == (1, 1)
    assert [Path(each.path).name for each in report.failures] == ["seven too.png", "seven.png"]
    assert {each.reason.partition(":")[0] for each in report.failures} == {
        "the model makes no usable embedding of it"
    }


def test_a_disk_inside_another_folder_that_is_not_plugged_in(
    photos: Path, save: Save, library: Library, encoder: Counting, workers: Workers
) -> None:
    save("a.png", "red")
    save("usb/b.png", "blue")
    index([photos / "usb"], library, encoder, workers=workers)
    index([photos], library, encoder, workers=workers)
    (photos / "usb" / "b.png").rename(photos.parent / "b.png")
    for _ in range(2):  # an empty mount point, then none at all
        report = index([photos], library, encoder, workers=workers)
        assert (report.offline, report.missing, report.unchanged) == ((str(photos / "usb"),), 0, 1)
        assert library.present_photo_ids().tolist() == [1, 2]
        if (photos / "usb").exists():
            (photos / "usb").rmdir()


def test_times_that_no_database_holds(
    photos: Path, save: Save, library: Library, encoder: Counting, workers: Workers
) -> None:
    path = save("a.png", "red")
    for sidecar in ("a.xmp", "a.png.xmp"):
        (photos / sidecar).write_text("<x/>")
        os.utime(photos / sidecar, (5e9, 5e9))  # the year 2128, and their sum is 2286
    os.utime(path, (1e10, 1e10))
    assert index([photos], library, encoder, workers=workers).added == 1
    assert index([photos], library, encoder, workers=workers).unchanged == 1


def test_a_copy_is_embedded_where_the_first_file_has_gone_bad(
    photos: Path, save: Save, library: Library, encoder: Counting, workers: Workers
) -> None:
    first = save("a.png", "red")
    (photos / "b.png").write_bytes(first.read_bytes())
    index([photos], library, encoder, workers=workers)
    before = first.stat()
    first.write_bytes(b"x" * before.st_size)
    os.utime(first, ns=(before.st_atime_ns, before.st_mtime_ns))
    encoder.fingerprint = "u" * 16
    assert index([photos], library, encoder, workers=workers).failed == 1
    report = index([photos], library, encoder, workers=workers)
    assert (report.embedded, report.failed) == (1, 1)
    assert library.embedding(1, ModelRef("u" * 16, "tiny", 12)) is not None
