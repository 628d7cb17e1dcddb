"""Captions from a CSV file and from text beside photos, and what is wrong with some of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from search.captions import CaptionedFolder, Skipped, read_csv, read_sidecars
from search.errors import CaptionsInvalid

SUFFIXES = (".jpg", ".png")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Files with the names of photos: captions are read without opening them."""
    folder = tmp_path / "photos"
    for name in ("a.jpg", "b.PNG", "sub/c.jpg", ".hidden/d.jpg"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def csv_of(photos: Path, content: str, encoding: str = "utf-8") -> Path:
    path = photos.parent / "captions.csv"
    path.write_text(content, encoding=encoding, newline="")
    return path


def pairs(found: CaptionedFolder) -> list[tuple[str, str]]:
    """Each caption with the name of its photo."""
    return [
        (Path(found.photos[photo]).name, caption)
        for photo, caption in zip(found.photo_of_caption, found.captions, strict=True)
    ]


def test_each_caption_has_the_place_of_its_photo(photos: Path) -> None:
    rows = 'image,caption\nb.PNG,"snow, and a dog"\na.jpg,a boat\nb.PNG,a dog\n'
    found = read_csv(csv_of(photos, rows), photos)
    assert found.photos == (str(photos / "b.PNG"), str(photos / "a.jpg"))
    assert found.captions == ("snow, and a dog", "a boat", "a dog")
    assert found.photo_of_caption.tolist() == [0, 1, 0]
    assert found.skipped == ()


def test_a_spreadsheets_csv_is_read_with_columns_in_any_order(photos: Path) -> None:
    rows = "caption, image ,licence\r\n  a\u00e9 boat ,sub/c.jpg,free\r\n"
    found = read_csv(csv_of(photos, rows, "utf-8-sig"), photos)
    assert pairs(found) == [("c.jpg", "aé boat")]


def test_missing_photos_and_incomplete_lines_are_skipped_with_reasons(photos: Path) -> None:
    rows = "image,caption\na.jpg,a boat\nnone.jpg,one\nnone.jpg,two\na.jpg,  \n,a cat\nb.PNG\n"
    path = csv_of(photos, rows)
    found = read_csv(path, photos)
    assert pairs(found) == [("a.jpg", "a boat")]
    assert found.skipped == (
        Skipped(str(photos / "none.jpg"), "not there"),
        *(Skipped(f"{path}, line {line}", "no image or no caption") for line in (5, 6, 7)),
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("photo,text\na.jpg,a boat\n", ["header image,caption", "photo,text"]),
        ("", ["header image,caption", "an empty file"]),
        ("image,caption\n", ["found none", "bridgelens evaluate --help"]),
        ("image,caption\nnone.jpg,a boat\n", ["found none", "none.jpg: not there"]),
    ],
)
def test_a_csv_without_captions_of_photos_is_refused(photos: Path, content: str, words: list[str]) -> None:
    path = csv_of(photos, content)
    with pytest.raises(CaptionsInvalid) as refused:
        read_csv(path, photos)
    for word in [str(path), *words]:
        assert word in str(refused.value)


def test_another_encoding_is_refused(photos: Path) -> None:
    with pytest.raises(CaptionsInvalid, match="expected CSV in UTF-8"):
        read_csv(csv_of(photos, "image,caption\na.jpg,ein M\u00e4dchen\n", "latin-1"), photos)


def test_sidecars_have_a_caption_a_line(photos: Path) -> None:
    (photos / "a.txt").write_text("a boat\n\n  a red boat \n", encoding="utf-8")
    (photos / "sub" / "c.TXT").write_text("a cat", encoding="utf-8")
    found = read_sidecars(photos, photos, SUFFIXES)
    assert pairs(found) == [("a.jpg", "a boat"), ("a.jpg", "a red boat"), ("c.jpg", "a cat")]


def test_texts_may_lie_in_a_folder_of_their_own(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "texts" / "sub").mkdir(parents=True)
    (tmp_path / "texts" / "sub" / "c.txt").write_text("a cat", encoding="utf-8")
    assert pairs(read_sidecars(tmp_path / "texts", photos, SUFFIXES)) == [("c.jpg", "a cat")]


def test_a_text_without_photo_and_one_not_in_utf8_are_skipped(photos: Path) -> None:
    (photos / "a.txt").write_text("a boat", encoding="utf-8")
    (photos / "b.txt").write_bytes(b"\xff\xfe")
    (photos / "readme.txt").write_text("about these photos", encoding="utf-8")
    found = read_sidecars(photos, photos, SUFFIXES)
    assert pairs(found) == [("a.jpg", "a boat")]
    assert [Path(each.path).name for each in found.skipped] == ["b.txt", "readme.txt"]
    assert found.skipped[1].reason == "no photo of this name"


def test_a_folder_without_sidecars_is_refused(photos: Path) -> None:
    with pytest.raises(CaptionsInvalid, match=r"cat\.txt for cat\.jpg, found none"):
        read_sidecars(photos, photos, SUFFIXES)


def test_only_keeps_some_photos_with_their_captions(photos: Path) -> None:
    rows = "image,caption\na.jpg,one\nb.PNG,two\nsub/c.jpg,three\na.jpg,four\n"
    gone = Skipped("b.PNG", "damaged")
    found = read_csv(csv_of(photos, rows), photos).only([2, 0], [gone])
    assert pairs(found) == [("a.jpg", "one"), ("c.jpg", "three"), ("a.jpg", "four")]
    assert [Path(photo).name for photo in found.photos] == ["c.jpg", "a.jpg"]
    assert found.skipped == (gone,)
