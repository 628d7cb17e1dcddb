"""Tags against captions, by hand."""

from __future__ import annotations

import numpy as np

from benchmarks.tags import figures, stems_said
from search.captions import CaptionedFolder


def test_a_tag_counts_by_its_stem() -> None:
    captions = ("Two dogs run", "A bus", "dogs on grass")
    folder = CaptionedFolder(("0", "1", "2"), captions, np.array([0, 1, 0]))
    said = stems_said(folder)
    assert said[0] == {"dog", "run", "grass"}
    tags = {0: {"dog": 0.5, "running": 0.3, "cat": 0.1, "grass": 0.01}, 1: {"car": 0.2}, 2: {}}
    assert figures("all", [0, 1, 2], tags, said, 0.05) == {
        "from": "5%",
        "photos": "3 for all",
        "tags a photo": "1.33",  # dog, running, cat and car
        "photos with a tag, %": "66.7",
        "in captions, %": "50.0",
    }
