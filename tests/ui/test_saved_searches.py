"""Saved searches: real files, and nothing that was saved is lost."""

from pathlib import Path

import pytest

from ui.errors import UiError
from ui.saved_searches import FILE, MOST, remove, save, saved


def test_saved_searches_keep_their_order_and_can_be_removed(tmp_path: Path) -> None:
    save(tmp_path, " dogs  at sea ", "?q=a+dog")
    save(tmp_path, "cats", "?q=a+cat")
    save(tmp_path, "dogs at sea", "?q=two+dogs")
    assert saved(tmp_path) == {"dogs at sea": "?q=two+dogs", "cats": "?q=a+cat"}
    assert list(saved(tmp_path)) == ["dogs at sea", "cats"]
    remove(tmp_path, "dogs at sea")
    remove(tmp_path, "no such name")
    assert saved(tmp_path) == {"cats": "?q=a+cat"}


@pytest.mark.parametrize("name", ["", "  ", "x" * 121])
def test_a_name_must_be_one(tmp_path: Path, name: str) -> None:
    with pytest.raises(UiError, match="name of 1 to 120"):
        save(tmp_path, name, "?q=a")
    assert saved(tmp_path) == {}


def test_there_is_an_end_to_them(tmp_path: Path) -> None:
    for number in range(MOST):
        save(tmp_path, str(number), "?q=a")
    with pytest.raises(UiError, match="remove one first"):
        save(tmp_path, "one more", "?q=a")
    save(tmp_path, "7", "?q=b")  # takes the place of its own
    assert len(saved(tmp_path)) == MOST


def test_a_damaged_file_is_not_written_over(tmp_path: Path) -> None:
    file = tmp_path / FILE
    file.parent.mkdir()
    file.write_text('{"dogs": "?q=a', encoding="utf-8")
    assert saved(tmp_path) == {}
    with pytest.raises(UiError, match="damaged"):
        save(tmp_path, "cats", "?q=a+cat")
    assert file.read_text(encoding="utf-8") == '{"dogs": "?q=a'


def test_an_address_elsewhere_is_no_search(tmp_path: Path) -> None:
    file = tmp_path / FILE
    file.parent.mkdir()
    file.write_text('{"a": "javascript:alert(1)", "b": "?q=a", "c": 3}', encoding="utf-8")
    assert saved(tmp_path) == {"b": "?q=a"}
