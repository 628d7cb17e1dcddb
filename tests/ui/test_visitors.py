"""Who may change the library."""

from __future__ import annotations

import pytest

from ui.visitors import is_local


@pytest.mark.parametrize(
    ("address", "headers", "local"),
    [
        (None, {}, True),
        ("127.0.0.2", {}, True),
        ("192.168.1.7", {}, False),
        ("203.0.113.9", {}, False),
        ("not an address", {}, False),
        (None, {"Host": "localhost:8501"}, True),
        (None, {"x-forwarded-for": "127.0.0.1"}, False),
        (None, {"Forwarded": "for=203.0.113.9"}, False),
    ],
)
def test_only_this_machine_itself_is_local(address: str | None, headers: dict[str, str], local: bool) -> None:
    assert is_local(address, headers) is local
