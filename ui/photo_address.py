"""The address of one photo's page: which photo, by which search it was found, among which results.

The search is in it whole, in the words of `ui.search_address`, so that the way back leads to the very same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from ui.search_address import Asked, Params, as_params, from_params

MOST_AMONG = 200
"""Results to walk through; a longer address is cut by some browsers and proxies."""
_ID = re.compile(r"[0-9]{1,18}")  # what SQLite holds in 64 bits


@dataclass(frozen=True)
class PhotoAddress:
    """What an address says.

    Attributes:
        photo_id: Which photo; None where the address names none.
        search: What was asked for when it was found; nothing where no search led here.
        among: The ids of the results, best first.
    """

    photo_id: int | None
    search: Asked = field(default_factory=Asked)
    among: tuple[int, ...] = ()

    @classmethod
    def read(cls, params: Mapping[str, Sequence[str]]) -> PhotoAddress:
        """Read the parameters of an address; what is no id is left out."""
        named = (params.get("id") or [""])[-1]
        among = (params.get("among") or [""])[-1].split(",")[:MOST_AMONG]
        return cls(
            photo_id=int(named) if _ID.fullmatch(named) else None,
            search=from_params(params),
            among=tuple(int(each) for each in among if _ID.fullmatch(each)),
        )

    def step(self, by: int) -> PhotoAddress | None:
        """The address so many results further on, or back; None past an end."""
        if self.photo_id not in self.among:
            return None
        place = self.among.index(self.photo_id) + by
        return replace(self, photo_id=self.among[place]) if 0 <= place < len(self.among) else None

    def as_params(self) -> Params:
        """The parameters, as `read` takes them where each is a list."""
        said: Params = {} if self.photo_id is None else {"id": str(self.photo_id)}
        said |= as_params(self.search)
        return said | ({"among": ",".join(map(str, self.among[:MOST_AMONG]))} if self.among else {})


def photo_link(photo_id: int, search: Asked | None = None, among: Sequence[int] = ()) -> str:
    """The address of a photo's page, relative to the search page's."""
    address = PhotoAddress(photo_id, search or Asked(), tuple(among))
    return "photo?" + urlencode(address.as_params(), doseq=True, safe=",")
