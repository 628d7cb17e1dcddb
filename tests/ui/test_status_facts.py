"""What `bridgelens status` says of a library."""

import json
from pathlib import Path

from storage.records import LibraryStatus, ModelRef
from ui.render import as_json
from ui.status_facts import status_facts, status_fields


def test_status_for_people_and_programs() -> None:
    mini, kind = ModelRef("ab12", "mini", 256), "IVF8,SQ8, 2 probes"
    status = LibraryStatus(
        3, 4, 0, 1, ("/photos",), ((mini, 3),), 2_500_000, None, mini, index_kinds={"ab12": kind}
    )
    text = "\n".join(f"{name}: {fact}" for name, fact in status_facts(status, Path("/lib")))
    assert "3 in 4 files, 2.5 MB on disk" in text
    assert "mini: 3 photos embedded" in text
    assert "missing" not in text
    assert kind in text
    fields = json.loads(as_json(status_fields(status, Path("/lib"))))
    assert fields["library"] == "/lib"
    assert fields["models"] == [
        {"fingerprint": "ab12", "name": "mini", "dim": 256, "embedded": 3, "index": kind}
    ]
    assert fields["last_run"] is None
