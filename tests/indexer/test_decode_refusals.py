"""What is not decoded, with the reason that is given."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from indexer import pixel_limit
from indexer.decode import decode
from indexer.errors import PhotoUnreadable
from indexer.upright import to_upright_rgb

SUFFIXES = ("jpg", "png", "webp", "tif", "bmp", "gif", "heic", "avif")


def photo(width: int = 96) -> Image.Image:
    return Image.new("RGB", (width, 64), "red")


def reason(path: Path) -> str:
    with pytest.raises(PhotoUnreadable) as caught:
        decode(path)
    assert caught.value.path == str(path)
    return caught.value.reason


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9])
def test_a_file_cut_short_is_never_a_half_grey_photo(tmp_path: Path, suffix: str, share: float) -> None:
    path = tmp_path / f"photo.{suffix}"
    noise = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    assert reason(path).startswith(("truncated: ", "damaged or cut short: "))


def test_a_truncated_jpeg_says_so(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    photo().save(path)
    path.write_bytes(path.read_bytes()[:700])
    assert reason(path) == "truncated: the picture goes on after the 700 bytes of the file"


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").touch()
    assert reason(tmp_path / "photo.jpg") == "empty file: 0 bytes"


def test_text_named_jpg(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_text("hello")
    assert reason(tmp_path / "photo.jpg").startswith("not an image: ")
    assert reason(tmp_path / "photo.jpg").endswith("found b'hello'")


def test_a_decoder_outside_the_list_is_not_reached(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    photo().save(path, format="PPM")
    assert reason(path).startswith("not an image: ")


def png_header(width: int, height: int) -> bytes:
    """A PNG that promises a size and holds no pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


@pytest.mark.filterwarnings("default::PIL.Image.DecompressionBombWarning")
def test_a_decompression_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(png_header(20_000, 20_000))
    with pytest.warns(Image.DecompressionBombWarning):
        assert reason(path) == "too large: 20,000 x 20,000 is 400 megapixels, the limit is 300"


@pytest.mark.filterwarnings("error::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("width", [20_000, 60_000])
def test_a_bomb_that_pillow_itself_refuses(tmp_path: Path, width: int) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(png_header(width, 20_000))
    assert reason(path).startswith("too large: ")


def test_a_photo_just_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pixel_limit, "PIXEL_LIMIT", 96 * 64)
    photo().save(tmp_path / "within.png")
    photo(98).save(tmp_path / "beyond.png")
    assert decode(tmp_path / "within.png").facts.width == 96
    assert reason(tmp_path / "beyond.png").startswith("too large: 98 x 64 is ")


def test_a_folder_and_a_named_pipe_are_not_files(tmp_path: Path) -> None:
    (tmp_path / "folder.jpg").mkdir()
    os.mkfifo(tmp_path / "pipe.jpg")
    assert reason(tmp_path / "folder.jpg") == "not a file: expected a regular file"
    assert reason(tmp_path / "pipe.jpg") == "not a file: expected a regular file"


def test_a_file_that_is_gone_is_worth_another_try(tmp_path: Path) -> None:
    with pytest.raises(PhotoUnreadable, match="vanished") as caught:
        decode(tmp_path / "photo.jpg")
    assert not caught.value.lasting


def test_a_refused_permission_is_worth_another_try(ordinary_user: Path) -> None:
    path = ordinary_user / "photo.png"
    photo().save(path)
    path.chmod(0)
    with pytest.raises(PhotoUnreadable) as caught:
        decode(path)
    assert (caught.value.reason, caught.value.lasting) == ("permission denied", False)


@pytest.mark.parametrize("ends_well", [True, False])
def test_a_file_written_to_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends_well: bool
) -> None:
    path = tmp_path / "photo.png"
    photo().save(path)

    def write_meanwhile(image: Image.Image, orientation: int) -> Image.Image:
        with path.open("ab") as stream:
            stream.write(b"more")
        if not ends_well:
            raise ValueError("half old, half new")
        return to_upright_rgb(image, orientation)

    monkeypatch.setattr("indexer.decode.to_upright_rgb", write_meanwhile)
    with pytest.raises(PhotoUnreadable) as caught:
        decode(path)
    assert (caught.value.reason, caught.value.lasting) == ("changed while it was being read", False)
