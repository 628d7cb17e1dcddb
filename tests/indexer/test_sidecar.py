from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.pipeline import Encoder, index
from indexer.sidecar import LARGEST, Sidecars, changed_ns_beside, read_sidecars
from storage.library import Library
from storage.records import Description

XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
{rating}>
<dc:description>{caption}</dc:description></rdf:Description></rdf:RDF></x:xmpmeta>"""


def write(path: Path, caption: str = "", rating: int | None = None, time_ns: int | None = None) -> None:
    path.write_text(XMP.format(caption=caption, rating="" if rating is None else f'xmp:Rating="{rating}"'))
    if time_ns is not None:
        os.utime(path, ns=(time_ns, time_ns))


def changed_ns(folder: Path, name: str) -> int:
    with os.scandir(os.fsencode(folder)) as entries:
        changed = Sidecars(entries).changed_ns(os.fsencode(name))
    assert changed_ns_beside(str(folder / name)) == changed  # looked for one by one
    return changed


def test_both_names_of_a_sidecar_count(tmp_path: Path) -> None:
    assert changed_ns(tmp_path, "a.jpg") == 0
    write(tmp_path / "a.xmp", time_ns=5 * 10**9)
    write(tmp_path / "b.jpg.xmp", time_ns=10**9)
    assert changed_ns(tmp_path, "a.jpg") == 5 * 10**9
    assert changed_ns(tmp_path, "b.jpg") == 10**9
    assert changed_ns(tmp_path, "b.png") == 0
    write(tmp_path / "a.jpg.XMP", time_ns=2 * 10**9)
    assert changed_ns(tmp_path, "a.jpg") == 7 * 10**9


def test_a_folder_and_a_link_are_no_sidecars(tmp_path: Path) -> None:
    (tmp_path / "a.xmp").mkdir()
    (tmp_path / "b.xmp").symlink_to("/etc/passwd")
    assert (changed_ns(tmp_path, "a.jpg"), changed_ns(tmp_path, "b.jpg")) == (0, 0)
    assert read_sidecars(str(tmp_path / "b.jpg")) == Description()


def test_the_full_name_goes_before_the_stem(tmp_path: Path) -> None:
    write(tmp_path / "a.xmp", "stem", 1)
    write(tmp_path / "a.jpg.xmp", "full")
    assert read_sidecars(str(tmp_path / "a.jpg")) == Description("full", (), 1)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are POSIX")
def test_what_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xmp")
    (tmp_path / "broken.xmp").write_bytes(b"\0\xff<x:xmpmeta")
    (tmp_path / "huge.xmp").write_bytes(XMP.format(caption="x", rating="").encode() + b" " * LARGEST)
    for name in ("pipe.jpg", "broken.jpg", "huge.jpg", "none.jpg"):
        assert read_sidecars(str(tmp_path / name)) == Description()


def test_a_run_notices_sidecars_that_come_change_and_go(
    photos: Path, library: Library, encoder: Encoder, save: Callable[..., Path]
) -> None:
    save("a.jpg")

    def run() -> tuple[int, int, str | None, int | None]:
        report, found = index([photos], library, encoder), library.photos([1])[1]
        return report.unchanged, report.embedded, found.caption, found.rating

    assert run() == (0, 1, None, None)
    write(photos / "a.xmp", "Grandma", 3, time_ns=2 * 10**18)
    assert run() == (1, 0, "Grandma", 3)
    write(photos / "a.xmp", "Grandma, 90", 3, time_ns=10**18)  # an older one was put back
    assert run() == (1, 0, "Grandma, 90", 3)
    assert run() == (1, 0, "Grandma, 90", 3)
    assert library.known_files(str(photos))[str(photos / "a.jpg")].sidecar_ns == 10**18
    (photos / "a.xmp").unlink()
    assert run() == (1, 0, None, None)
    assert library.known_files(str(photos))[str(photos / "a.jpg")].sidecar_ns == 0


def test_what_is_as_it_was_is_not_read_again(
    photos: Path, library: Library, encoder: Encoder, save: Callable[..., Path]
) -> None:
    path = save("a.jpg")
    write(photos / "a.jpg.xmp", "Grandma")
    index([photos], library, encoder)
    facts = path.stat()
    path.write_bytes(b"\0" * facts.st_size)  # would fail if it were read
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert index([photos], library, encoder).unchanged == 1
