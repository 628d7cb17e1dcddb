"""Doctor on a library's caches: damaged ones go, and what belongs to no photo."""

from pathlib import Path

from storage.checkup import check_up
from storage.finding import Finding
from storage.photo_cache import PhotoCache


def caches(folder: Path, *, repair: bool) -> list[Finding]:
    return [each for each in check_up(folder, repair=repair) if each.check == "caches"]


def test_no_caches_and_whole_ones_are_fine(filled: Path) -> None:
    assert [each.state for each in caches(filled, repair=False)] == ["ok"]
    kept = PhotoCache(filled / "thumbnails.sqlite")
    kept.put("h1", b"jpeg")
    kept.close()
    assert [each.state for each in caches(filled, repair=True)] == ["ok"]
    assert kept.get("h1") == b"jpeg"


def test_a_damaged_one_is_deleted_but_not_by_a_look(filled: Path) -> None:
    file = filled / "pixels.sqlite"
    file.write_bytes(b"nothing of SQLite's" * 1000)
    (looked,) = caches(filled, repair=False)
    assert (looked.state, file.exists()) == ("to do", True)
    (repaired,) = caches(filled, repair=True)
    assert repaired.state == "repaired"
    assert repaired.found.startswith("pixels.sqlite is damaged (file is not a database)")
    assert not file.exists()


def test_things_of_no_photo_are_deleted(filled: Path) -> None:
    kept = PhotoCache(filled / "thumbnails.sqlite")
    kept.fill({"h1": b"jpeg", "gone": b"jpeg"})
    (repaired,) = caches(filled, repair=True)
    assert repaired.found == "thumbnails.sqlite has 1 things of photos that were forgotten: deleted"
    assert (kept.get("gone"), kept.get("h1")) == (None, b"jpeg")
    kept.close()
