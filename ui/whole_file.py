"""Files that appear under their name only when they are whole, and take the name of no other."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_beside(target: Path) -> Iterator[Path]:
    """A path in the target's folder to write to; whatever ends the block, nothing is left there.

    Who has written it calls `take_name` or `os.replace` within the block.
    """
    part = target.with_name(f".bridgelens-{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """See a file's content on the disk before it gets its name: a stick may be pulled out right after.

    Raises:
        OSError: the disk does not take it.
    """
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def take_name(part: Path, target: Path) -> None:
    """Rename a file, unless the name is taken.

    Raises:
        FileExistsError: it is.
        OSError: it cannot be renamed.
    """
    try:
        os.link(part, target)  # refuses a name that is taken, where a rename would replace
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links, such as a memory card's
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from None
        os.rename(part, target)
