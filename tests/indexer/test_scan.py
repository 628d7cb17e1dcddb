from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.errors import FolderNotFound, FolderUnreadable
from indexer.scan import PHOTO_SUFFIXES, SUFFIXES, locate, outermost, scan


def refuse(path: str, error: OSError) -> None:
    raise AssertionError(f"{path}: {error}")


def names(folder: Path, skip: Path | None = None) -> list[str]:
    """The candidates' paths below the folder, in the order they are found."""
    return [os.path.relpath(os.fsdecode(path), folder) for path, *_ in scan([folder], skip, refuse)]


def touch(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()


def test_files_come_with_their_size_and_time(photos: Path) -> None:
    (photos / "a.jpg").write_bytes(b"12345")
    os.utime(photos / "a.jpg", ns=(1, 1_600_000_000_123_456_789))
    assert list(scan([photos], None, refuse)) == [(bytes(photos / "a.jpg"), 5, 1_600_000_000_123_456_789, 0)]


def test_files_come_in_the_order_of_the_bytes_of_their_paths(photos: Path) -> None:
    odd = os.fsdecode(b"caf\xe9.jpg")  # by its surrogate it would come after the emoji, by its byte before
    paths = [
        "a/x.jpg",
        "a-b.jpg",
        "a/deep/er/y.jpg",
        "a.jpg",
        "B/1.jpg",
        "\U0001f600.jpg",
        odd,
        "caf\u00e9.jpg",
    ]
    touch(photos, *paths)
    assert names(photos) == [
        "B/1.jpg",
        "a-b.jpg",
        "a.jpg",
        "a/deep/er/y.jpg",
        "a/x.jpg",
        "caf\u00e9.jpg",
        odd,
        "\U0001f600.jpg",
    ]
    assert names(photos) == sorted(paths, key=os.fsencode)


def test_every_suffix_in_either_case_and_nothing_else(photos: Path) -> None:
    expected = [f"x{suffix}" for suffix in SUFFIXES] + [f"y{suffix.upper()}" for suffix in SUFFIXES]
    touch(photos, *expected, "notes.txt", "song.mp3", "photo.xmp", "jpg", "photo.jpg.part")
    assert sorted(names(photos)) == sorted(expected)
    assert (len(PHOTO_SUFFIXES), len(SUFFIXES)) == (12, 50)


def test_hidden_and_system_folders_and_hidden_files_are_left_out(photos: Path) -> None:
    touch(photos, ".hidden/a.jpg", "@eaDir/b.jpg", "$RECYCLE.BIN/c.jpg", "._d.jpg", "kept/e.jpg")
    assert names(photos) == ["kept/e.jpg"]


def test_a_hidden_folder_that_is_asked_for_is_walked(photos: Path) -> None:
    touch(photos, ".hidden/a.jpg")
    assert names(photos / ".hidden") == ["a.jpg"]


def test_the_library_folder_is_left_out(photos: Path) -> None:
    touch(photos, "library/thumbnail.jpg", "library2/b.jpg", "a.jpg")
    assert names(photos, skip=photos / "library") == ["a.jpg", "library2/b.jpg"]


def test_links_out_of_the_folder_loops_and_dead_links(photos: Path, tmp_path: Path) -> None:
    touch(tmp_path, "outside/secret.jpg")
    touch(photos, "a/b.jpg")
    (photos / "out").symlink_to(tmp_path / "outside")
    (photos / "out.jpg").symlink_to(tmp_path / "outside" / "secret.jpg")
    (photos / "a" / "loop").symlink_to(photos)
    (photos / "dead.jpg").symlink_to(photos / "nowhere")
    (photos / "self.jpg").symlink_to(photos / "self.jpg")
    assert names(photos) == ["a/b.jpg"]


def test_a_named_pipe_and_a_folder_with_a_photos_name(photos: Path) -> None:
    os.mkfifo(photos / "pipe.jpg")
    touch(photos, "album.jpg/a.jpg")
    assert names(photos) == ["album.jpg/a.jpg"]


def test_a_name_that_is_not_utf8(photos: Path) -> None:
    (Path(os.fsdecode(os.fsencode(photos) + b"/caf\xe9.jpg"))).touch()
    assert [os.fsencode(name) for name in names(photos)] == [b"caf\xe9.jpg"]


def test_a_folder_that_cannot_be_listed_is_told_and_the_rest_goes_on(ordinary_user: Path) -> None:
    touch(ordinary_user, "a/1.jpg", "closed/2.jpg", "z/3.jpg")
    (ordinary_user / "closed").chmod(0)
    told: list[tuple[str, str | None]] = []
    found = [
        os.fsdecode(path)
        for path, *_ in scan([ordinary_user], None, lambda path, error: told.append((path, error.strerror)))
    ]
    assert found == [str(ordinary_user / "a" / "1.jpg"), str(ordinary_user / "z" / "3.jpg")]
    assert told == [(str(ordinary_user / "closed"), "Permission denied")]


def test_files_whose_size_cannot_be_asked_are_told(ordinary_user: Path) -> None:
    touch(ordinary_user, "listed/1.jpg")
    (ordinary_user / "listed").chmod(0o400)
    told: list[str] = []
    assert list(scan([ordinary_user], None, lambda path, error: told.append(path))) == []
    assert told == [str(ordinary_user / "listed" / "1.jpg")]


def test_a_folder_that_goes_away_during_the_scan_is_told(photos: Path) -> None:
    touch(photos, "a.jpg", "b/1.jpg")
    told: list[str] = []
    walk = scan([photos], None, lambda path, error: told.append(path))
    next(walk)
    (photos / "b").rename(photos / "c")
    assert list(walk) == []
    assert told == [str(photos / "b")]


def test_outermost_drops_repeats_and_nested_folders(photos: Path) -> None:
    (photos / "a" / "b").mkdir(parents=True)
    (photos / "ab").mkdir()
    assert outermost([photos / "a" / "b", photos / "a", photos / "a", photos / "ab"]) == [
        photos / "a",
        photos / "ab",
    ]
    assert outermost([photos / "a" / ".." / "a"]) == [photos / "a"]


def test_outermost_keeps_a_sibling_sorted_between(photos: Path) -> None:
    for name in ("a", "a b", "a/b"):
        (photos / name).mkdir()
    assert outermost([photos / "a", photos / "a b", photos / "a" / "b"]) == [photos / "a", photos / "a b"]


def test_outermost_follows_a_root_that_is_a_link(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(photos)
    assert outermost([tmp_path / "link", photos]) == [photos]


def test_outermost_of_a_folder_that_is_not_there(photos: Path) -> None:
    (photos / "a.jpg").touch()
    for name in ("gone", "a.jpg"):
        with pytest.raises(FolderNotFound, match=name):
            outermost([photos, photos / name])


def test_outermost_of_a_folder_that_cannot_be_listed(ordinary_user: Path) -> None:
    closed = ordinary_user / "closed"
    closed.mkdir(0o000)
    with pytest.raises(FolderUnreadable, match="Permission denied"):
        outermost([closed])


def test_outermost_of_a_loop_of_links(photos: Path) -> None:
    (photos / "loop").symlink_to(photos / "loop")
    with pytest.raises(FolderUnreadable, match="loop"):
        outermost([photos / "loop"])


def test_a_known_root_that_is_not_there_is_offline_and_the_others_are_walked(photos: Path) -> None:
    (photos / "home").mkdir()
    disk, home = photos / "disk", photos / "home"
    assert locate([disk, home, disk], [str(disk)]) == ([home], [str(disk)])
    assert locate([home], [str(disk)]) == ([home], [])


def test_what_is_not_there_and_not_a_root_is_refused(photos: Path) -> None:
    (photos / "home").mkdir()
    (photos / "file").touch()
    roots = [str(photos / "disk"), str(photos / "file")]
    for mistyped in (photos / "dusk", photos / "disk" / "inner", photos / "file"):
        with pytest.raises(FolderNotFound, match=mistyped.name):
            locate([photos / "home", mistyped], roots)


def test_when_no_folder_is_there_nothing_is_walked(photos: Path) -> None:
    with pytest.raises(FolderNotFound, match="disk"):
        locate([photos / "disk"], [str(photos / "disk")])


def test_scanning_a_wide_tree_needs_no_recursion(photos: Path) -> None:
    deep = photos
    for _ in range(300):
        deep = deep / "d"
    deep.mkdir(parents=True)
    (deep / "a.jpg").touch()
    assert len(names(photos)) == 1


def test_relative_folders_become_absolute(
    photos: Path, monkeypatch: pytest.MonkeyPatch, save: Callable[..., Path]
) -> None:
    save("a.png")
    monkeypatch.chdir(photos.parent)
    assert outermost([Path("photos")]) == [photos]
