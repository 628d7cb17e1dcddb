"""Photos themselves in another place: copies, links, or one ZIP file. The originals are only read."""

import errno
import itertools
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Literal, TypeAlias

from ui.exported import ExportedPhoto, Problem, reason_of
from ui.whole_file import sync, take_name, written_beside

LinkKind: TypeAlias = Literal["symbolic", "hard"]
_IN_MEMORY = 64 * 2**20  # bytes; a longer photo or video waits in a temporary file


def copy_photos(photos: Sequence[ExportedPhoto], folder: Path, *, numbered: bool = False) -> list[Problem]:
    """Copy photos into a folder, which is made; what is there stays, and a name that is taken gets a number.

    A copy has its name once it is whole. With `numbered` the names begin with the photo's place in the order.

    Returns:
        The photos that could not be copied.

    Raises:
        OSError: the folder cannot be made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return _each(photos, numbered, lambda source, name: _copy(source, folder, name))


def link_photos(
    photos: Sequence[ExportedPhoto], folder: Path, kind: LinkKind = "symbolic", *, numbered: bool = False
) -> list[Problem]:
    """As `copy_photos`, with links in place of copies; a hard link has to stay on the photo's own disk."""
    folder.mkdir(parents=True, exist_ok=True)
    make: Callable[[str, Path], None] = os.symlink if kind == "symbolic" else os.link

    def link(source: str, name: str) -> None:
        os.stat(source)  # a symbolic link to nothing could be made too
        _under_free_name(folder, name, lambda target: make(source, target))

    return _each(photos, numbered, link)


def zip_photos(photos: Sequence[ExportedPhoto], file: Path, *, numbered: bool = False) -> list[Problem]:
    """Write photos to a ZIP file, as they are: they are compressed already. Names as in `copy_photos`.

    Returns:
        The photos that could not be read.

    Raises:
        OSError: the file cannot be written.
    """
    problems = []
    taken: set[str] = set()
    # One for all photos, and made before the archive: Ctrl-C while it is made has Python complain of it.
    with (
        tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as content,
        zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive,
    ):
        for photo, name in zip(photos, names(photos, numbered=numbered), strict=True):
            content.seek(0)
            content.truncate()
            # Read to its end before anything is written, so that no half a photo is in the archive.
            try:
                info = _read(photo.path, content)
            except OSError as error:
                problems.append(Problem(photo.path, reason_of(error)))
                continue
            # A name that is no text cannot be kept; two that differ in case are one on many systems.
            text = os.fsencode(name).decode("utf-8", "replace")
            info.filename = next(each for each in _variants(text) if each.casefold() not in taken)
            taken.add(info.filename.casefold())
            content.seek(0)
            with archive.open(info, "w") as entry:
                shutil.copyfileobj(content, entry)
    return problems


def names(photos: Sequence[ExportedPhoto], *, numbered: bool) -> list[str]:
    """The names of the photos' files; `numbered` puts 001_, 002_ and so on before them."""
    plain = [os.path.basename(photo.path) for photo in photos]
    digits = len(str(len(photos)))
    return [f"{place:0{digits}}_{name}" for place, name in enumerate(plain, 1)] if numbered else plain


def _each(photos: Sequence[ExportedPhoto], numbered: bool, put: Callable[[str, str], None]) -> list[Problem]:
    problems = []
    for photo, name in zip(photos, names(photos, numbered=numbered), strict=True):
        try:
            put(photo.path, name)
        except OSError as error:
            problems.append(Problem(photo.path, reason_of(error)))
    return problems


def _copy(source: str, folder: Path, name: str) -> None:
    with written_beside(folder / name) as part:
        shutil.copyfile(source, part)
        state = os.stat(source)
        os.utime(part, ns=(state.st_atime_ns, state.st_mtime_ns))
        sync(part)
        _under_free_name(folder, name, lambda target: take_name(part, target))


def _under_free_name(folder: Path, name: str, put: Callable[[Path], None]) -> None:
    for each in _variants(name):
        try:
            return put(folder / each)
        except FileExistsError:
            continue


def _variants(name: str) -> Iterator[str]:
    """A name, and the same with a number before its suffix: `a.jpg`, `a (2).jpg`, `a (3).jpg`."""
    yield name
    stem, suffix = os.path.splitext(name)
    for number in itertools.count(2):
        yield f"{stem} ({number}){suffix}"


def _read(path: str, content: IO[bytes]) -> zipfile.ZipInfo:
    """Read a file to its end; its entry in an archive, without a name."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError(errno.EINVAL, "not a plain file", path)  # a pipe could be waited for without end
    with open(path, "rb") as stream:
        shutil.copyfileobj(stream, content)
    info = zipfile.ZipInfo.from_file(path, "photo", strict_timestamps=False)  # ZIP begins in 1980
    info.file_size = content.tell()
    return info
