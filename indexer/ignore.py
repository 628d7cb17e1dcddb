"""Which files and folders a user wants left out: `.bridgelensignore` files, in the syntax of `.gitignore`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

NAME = ".bridgelensignore"


@dataclass(frozen=True, slots=True)
class Rules:
    """The patterns of one folder's file, which hold in the folder and below, and those of the folders above.

    Of the files that say anything the deepest decides, in it the last pattern that fits, and nothing in an
    excluded folder can be taken in again. Source: https://git-scm.com/docs/gitignore.
    """

    prefix: bytes
    patterns: GitIgnoreSpec
    above: Rules | None

    def exclude(self, path: bytes) -> bool:
        """Whether an absolute path, that of a folder with a separator at its end, is to be left out."""
        said = self.patterns.check_file(os.fsdecode(path[len(self.prefix) :])).include
        if said is None:
            return self.above is not None and self.above.exclude(path)
        return said


def rules_in(folder: bytes, above: Rules | None) -> Rules:
    """The rules that hold in a folder which has a file of them.

    Raises:
        OSError: when the file cannot be read.
    """
    from pathspec import GitIgnoreSpec

    with open(os.path.join(folder, os.fsencode(NAME)), "rb") as file:
        lines = os.fsdecode(file.read().removeprefix(b"\xef\xbb\xbf")).splitlines()
    patterns = [pattern for line in lines for pattern in _compiled(line)]
    return Rules(os.path.join(folder, b""), GitIgnoreSpec(patterns), above)


def rules_above(folder: bytes) -> tuple[Rules | None, bool]:
    """The rules that the folders above a folder set for it, and whether they leave it out.

    Raises:
        OSError: when a file of rules cannot be read.
    """
    rules: Rules | None = None
    ancestors = []
    here = folder
    while (above := os.path.dirname(here)) != here:
        ancestors.append((above, here))
        here = above
    for above, inner in reversed(ancestors):
        if os.path.lexists(os.path.join(above, os.fsencode(NAME))):
            rules = rules_in(above, rules)
        if rules is not None and rules.exclude(os.path.join(inner, b"")):
            return rules, True
    return rules, False


def _compiled(line: str) -> list[GitIgnoreSpecPattern]:
    """A line's pattern; none where it is not one, as git does."""
    from pathspec import GitIgnoreSpec

    try:
        return list(GitIgnoreSpec.from_lines([line]).patterns)
    except ValueError:
        return []
