from __future__ import annotations

from storage.kinds import RAW_FORMATS, VIDEO_FORMATS


def test_a_format_is_a_suffix_in_capitals_and_of_one_kind() -> None:
    for name in RAW_FORMATS + VIDEO_FORMATS:
        assert name.isalnum() and name == name.upper()
    assert len({*RAW_FORMATS, *VIDEO_FORMATS}) == len(RAW_FORMATS) + len(VIDEO_FORMATS)
