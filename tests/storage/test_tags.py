from collections.abc import Callable
from pathlib import Path

import pytest

from storage.backup import back_up
from storage.checkup import check_up
from storage.errors import TagInvalid
from storage.library import Library
from storage.pruning import Selection
from storage.records import ModelRef, NewPhoto
from storage.restore import restore
from storage.tags import PhotoTag, TagCount, normalised

X = [1, 0, 0, 0]
MINI, LARGE = "aaaa", "bbbb"


@pytest.fixture
def four(library: Library, model: ModelRef, photo: Callable[..., NewPhoto]) -> Library:
    """Photos 1 to 4 at a to d, and a copy of 1."""
    files = [photo(f"/photos/{name}", f"h{name}", X) for name in "abcd"]
    library.add(model, [*files, photo("/photos/copy", "ha", None)])
    return library


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("Beach", "beach"), ("  New \t York ", "new york"), ("STRAßE", "strasse"), ("e\u0301te", "éte")],
)
def test_words_that_look_the_same_are_the_same(typed: str, stored: str) -> None:
    assert normalised(typed) == stored


@pytest.mark.parametrize("typed", ["", "  ", "a" * 65, "a\x1b[2Jb", "a\u202eb", "\udcff"])
def test_what_is_no_word_is_refused(four: Library, typed: str) -> None:
    with pytest.raises(TagInvalid, match="expected a word of 1 to 64 printable characters"):
        four.tags.give([1], typed)
    assert four.tags.of([1]) == {}


def test_users_words_come_first_and_then_the_likeliest(four: Library) -> None:
    four.tags.propose(MINI, {1: {"dog": 0.25, "grass": 0.5}, 2: {}})
    four.tags.give([1], "Rex")
    assert four.tags.of([1, 2, 99]) == {
        1: (PhotoTag("rex"), PhotoTag("grass", MINI, 0.5), PhotoTag("dog", MINI, 0.25))
    }


def test_another_models_proposals_replace_a_models_and_not_a_users(four: Library) -> None:
    four.tags.propose(MINI, {1: {"dog": 0.25, "grass": 0.5}})
    four.tags.give([1], "dog")
    four.tags.propose(LARGE, {1: {"dog": 0.25, "puppy": 0.5}})
    assert four.tags.of([1]) == {1: (PhotoTag("dog"), PhotoTag("puppy", LARGE, 0.5))}


def test_a_word_that_was_taken_away_stays_away(four: Library) -> None:
    four.tags.propose(MINI, {1: {"dog": 0.25}, 2: {"dog": 0.25}})
    four.tags.give([1], "rex")
    four.tags.take([1], "dog")
    four.tags.take([1], "rex")
    four.tags.propose(LARGE, {1: {"dog": 0.75, "rex": 0.75}})
    assert four.tags.of([1, 2]) == {2: (PhotoTag("dog", MINI, 0.25),)}
    four.tags.give([1], "dog")
    assert four.tags.of([1]) == {1: (PhotoTag("dog"),)}


def test_counts_and_finds_photos_with_a_present_file(four: Library) -> None:
    four.tags.propose(MINI, {1: {"dog": 0.25}, 2: {"dog": 0.25, "beach": 0.125}, 3: {"beach": 0.125}})
    four.tags.give([4], "dog")
    four.tags.take([3], "beach")
    assert four.tags.counts() == [TagCount("dog", 3, 1), TagCount("beach", 1, 0)]
    assert four.tags.tagged(["Dog"]).tolist() == [1, 2, 4]
    assert four.tags.tagged(["dog", "beach"]).tolist() == [2]
    assert four.tags.tagged(["cat"]).tolist() == []
    four.mark_missing(["/photos/a", "/photos/d"])  # a has a copy
    assert four.tags.tagged(["dog"]).tolist() == [1, 2]
    assert four.tags.counts() == [TagCount("dog", 2, 0), TagCount("beach", 1, 0)]


def test_what_a_model_has_not_tagged(four: Library) -> None:
    four.tags.propose(MINI, {1: {"dog": 0.25}, 3: {}})
    four.mark_missing(["/photos/d"])
    assert four.tags.count_untagged(MINI) == 1
    [(photo_id, [file])] = four.tags.untagged(MINI)
    assert (photo_id, file.path) == (2, "/photos/b")
    others = [(photo_id, len(files)) for photo_id, files in four.tags.untagged(LARGE, page=2)]
    assert others == [(1, 2), (2, 1), (3, 1)]
    assert four.tags.count_untagged(LARGE) == 3
    named = four.tags.files([4, 2, 1, 99])
    assert [(photo_id, [file.path for file in files]) for photo_id, files in named] == [
        (1, ["/photos/a", "/photos/copy"]),
        (2, ["/photos/b"]),
    ]


def test_a_photo_that_was_forgotten_meanwhile_is_let_be(four: Library) -> None:
    four.tags.propose(MINI, {1: {"dog": 0.25}, 99: {"dog": 0.25}})
    assert four.tags.tagged(["dog"]).tolist() == [1]


def test_users_words_for_forgotten_photos_are_let_be_and_the_others_counted(four: Library) -> None:
    four.mark_missing(["/photos/b"])
    assert four.prune(Selection()).photos == 1
    assert four.tags.give([3, 2, 1, 3], "rex") == 2
    assert four.tags.of([1, 2, 3]) == {1: (PhotoTag("rex"),), 3: (PhotoTag("rex"),)}
    assert four.tags.take([2, 3], "rex") == 1
    assert four.tags.of([1, 2, 3]) == {1: (PhotoTag("rex"),)}
    assert (four.tags.give([2], "rex"), four.tags.give([], "rex")) == (0, 0)


def test_tags_go_with_their_photo(four: Library) -> None:
    four.tags.propose(MINI, {1: {"dog": 0.25}, 2: {"dog": 0.25}})
    four.tags.give([2], "rex")
    four.mark_missing(["/photos/b"])
    assert four.prune(Selection()).photos == 1
    assert four.tags.of([1, 2]) == {1: (PhotoTag("dog", MINI, 0.25),)}


def test_a_backup_has_them_and_nothing_is_amiss(four: Library, tmp_path: Path) -> None:
    four.tags.propose(MINI, {1: {"dog": 0.25}})
    four.tags.give([1], "rex")
    four.tags.take([2], "cat")
    before = four.tags.of([1, 2])
    back_up(four.folder, tmp_path / "backup.sqlite")
    four.tags.take([1], "rex")
    four.close()
    restore(four.folder, tmp_path / "backup.sqlite")
    with Library.open(four.folder, write=True) as restored:
        assert restored.tags.of([1, 2]) == before
        restored.tags.propose(LARGE, {2: {"cat": 0.75}})
        assert restored.tags.of([2]) == {}
    found = {finding.check: finding.state for finding in check_up(four.folder, repair=False)}
    assert (found["database"], found["references"]) == ("ok", "ok")


def test_the_doctor_finds_tags_without_their_photo(filled: Path, sql: Callable[..., list[object]]) -> None:
    sql("INSERT INTO tags (photo_id, word) VALUES (99, 'dog')")
    found = {finding.check: finding for finding in check_up(filled, repair=False)}
    assert found["references"].found == "1 tags without their photos"
