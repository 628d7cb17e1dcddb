"""What one check of a library found, and the things every check works with."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from storage.database import Database

State: TypeAlias = Literal["ok", "repaired", "to do"]
RESTORE = "put back a backup with `bridgelens restore FILE`"
REPAIR = "run `bridgelens doctor`, which repairs it"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's answer.

    Attributes:
        check: Its name, such as `index files`.
        state: `ok`, `repaired`, or `to do` where the user has to act.
        found: What was found, and what was done about it.
        advice: What to do; empty unless the state is `to do`.
    """

    check: str
    state: State
    found: str
    advice: str = ""


@dataclass(slots=True)
class Examined:
    """A library under examination.

    Attributes:
        folder: Where it lies.
        database: Its catalog, open for writing where `repair` is true.
        repair: Whether what can be repaired is to be.
        alone: Whether no other program writes to it now.
    """

    folder: Path
    database: Database
    repair: bool
    alone: bool


def mended(check: str, found: str, *, repaired: bool) -> Finding:
    """A fault that can be repaired, and whether it has been."""
    return Finding(check, "repaired", found) if repaired else Finding(check, "to do", found, REPAIR)
