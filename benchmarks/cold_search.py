"""One search in a process of its own, with the time after each step; `benchmarks.cold_start` runs it.

python -m benchmarks.cold_search STARTED CAPTION, where STARTED is the wall clock, in seconds since 1970, when
the process was started. The settings come from the environment, as for `bridgelens search`.
"""

from __future__ import annotations

import json
import sys
import time


def main() -> None:
    """Write the seconds of each step to stdout as JSON."""
    laps = {"start": float(sys.argv[1]), "interpreter": time.time()}
    import ui.cli  # noqa: F401
    from model.bridgetower import BridgeTower
    from search.engine import Engine
    from search.query import Query
    from storage.library import Library
    from storage.records import ModelRef
    from ui.compose import load_photo
    from ui.settings import Settings

    laps["imports"] = time.time()
    settings = Settings.load()
    model = BridgeTower.load(settings.model, device=settings.device)
    laps["weights"] = time.time()
    with Library.open(settings.library) as library:
        photos = len(library.index(ModelRef(model.fingerprint, model.name, model.dim)))
        laps["index"] = time.time()
        results = Engine(library, model, load_photo).search(Query(sys.argv[2]))
        laps["search"] = time.time()
    times = list(laps.values())
    steps = {name: end - start for name, start, end in zip(list(laps)[1:], times, times[1:], strict=False)}
    answer = {
        "steps": steps,
        "within search": results.seconds,
        "photos": photos,
        "found": len(results.matches),
    }
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
