"""What killed programs leave in a library's folder."""

from pathlib import Path

from storage.checkup import check_up
from storage.finding import Finding
from storage.library import Library


def leftovers(folder: Path, *, repair: bool) -> Finding:
    (found,) = (each for each in check_up(folder, repair=repair) if each.check == "leftovers")
    return found


def test_our_leftovers_are_removed_and_what_is_not_ours_stays(filled: Path) -> None:
    ours = [
        "index-ffff.faiss",
        "index-00112233aabbccdd.faiss.part",
        "catalog-0001.sqlite.part",
        "restoring-x",
    ]
    for name in ours[:-1]:
        (filled / name).write_bytes(b"half")
    (filled / ours[-1]).mkdir()
    (filled / ours[-1] / "catalog.sqlite").write_bytes(b"half")
    kept = ["notes.part", "catalog-0001.sqlite", "catalog-before-restore-20240101-000000.sqlite"]
    for name in kept:
        (filled / name).write_bytes(b"kept")
    looked = leftovers(filled, repair=False)
    assert looked.state == "to do"
    assert all((filled / name).exists() for name in ours)
    repaired = leftovers(filled, repair=True)
    assert repaired.state == "repaired"
    assert all(name in repaired.found for name in ours)
    assert not any((filled / name).exists() for name in ours)
    assert all((filled / name).exists() for name in kept)
    assert leftovers(filled, repair=True).state == "ok"


def test_a_folder_that_is_gone_or_empty_is_named_as_offline(tmp_path: Path) -> None:
    for name in ("here", "empty"):
        (tmp_path / name).mkdir()
    (tmp_path / "here" / "a.jpg").write_bytes(b"a photo")
    with Library.open(tmp_path / "library", create=True, write=True) as library:
        for name in ("here", "empty", "gone"):
            library.add_root(tmp_path / name)
    (found,) = (each for each in check_up(tmp_path / "library", repair=False) if each.check == "folders")
    away = ", ".join(str(tmp_path / name) for name in ("empty", "gone"))
    assert found == Finding("folders", "ok", f"1 of 3 are there; offline, its photos kept: {away}")
