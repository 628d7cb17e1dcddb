"""The address of one photo's page: which photo, by which caption it was found, among which results."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

MOST_AMONG = 200
"""Results to walk through; a longer address is cut by some browsers and proxies."""
_ID = re.compile(r"[0-9]{1,18}")  # what SQLite holds in 64 bits


@dataclass(frozen=True, slots=True)
class PhotoAddress:
    """What an address says.

    Attributes:
        photo_id: Which photo; None where the address names none.
        caption: What was searched for; empty when nothing was.
        among: The ids of the results, best first.
    """

    photo_id: int | None
    caption: str = ""
    among: tuple[int, ...] = ()

    @classmethod
    def read(cls, query: Mapping[str, str]) -> PhotoAddress:
        """Read the parameters of an address; what is no id is left out."""
        named = query.get("id", "")
        among = query.get("among", "").split(",")[:MOST_AMONG]
        return cls(
            photo_id=int(named) if _ID.fullmatch(named) else None,
            caption=query.get("q", "").strip(),
            among=tuple(int(each) for each in among if _ID.fullmatch(each)),
        )

    def step(self, by: int) -> PhotoAddress | None:
        """The address so many results further on, or back; None past an end."""
        if self.photo_id not in self.among:
            return None
        place = self.among.index(self.photo_id) + by
        return replace(self, photo_id=self.among[place]) if 0 <= place < len(self.among) else None

    def as_query(self) -> dict[str, str]:
        """The parameters, as `read` takes them."""
        fields = {
            "id": "" if self.photo_id is None else str(self.photo_id),
            "q": self.caption,
            "among": ",".join(map(str, self.among[:MOST_AMONG])),
        }
        return {name: value for name, value in fields.items() if value}


def photo_url(photo_id: int, caption: str = "", among: Sequence[int] = ()) -> str:
    """The address of a photo on this server, to link to."""
    return f"/photo?{urlencode(PhotoAddress(photo_id, caption, tuple(among)).as_query())}"
