import os
from pathlib import Path

import pytest

from storage.errors import IndexDamaged
from storage.index_description import IndexDescription, read, to_bytes

DESCRIBED = IndexDescription("IVF4096,SQ8", 1_000_000, 24, 0.9914, 200, 900_000, 8_400_000)


def test_what_follows_the_index_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.faiss")
    path.write_bytes(b"an index" + to_bytes(DESCRIBED))
    assert read(path) == DESCRIBED


def test_as_the_status_shows_it() -> None:
    assert str(DESCRIBED) == "IVF4096,SQ8, 24 probes, recall@100 0.991 measured on 200 of its own photos"


@pytest.mark.parametrize("content", [b"", b"IxM2", b"x" * 500])
def test_an_exact_index_says_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "index.faiss"
    path.write_bytes(content)
    assert read(path) is None
    assert read(tmp_path / "none") is None


@pytest.mark.parametrize("keep", [-40, -250])
def test_a_description_that_is_damaged_is_told(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "index.faiss"
    whole = to_bytes(DESCRIBED)
    path.write_bytes(b"{" + whole[keep:] if keep > -len(whole) else whole[keep:])
    if keep == -250:
        path.write_bytes(whole[:10] + b"\xff" + whole[11:])
    with pytest.raises(IndexDamaged, match=r"index\.faiss ends in a description"):
        read(path)
