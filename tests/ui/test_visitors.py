"""Who may change the library."""

from __future__ import annotations

import pytest

from ui.visitors import is_local, is_named


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


@pytest.mark.parametrize(
    ("user", "named"),
    [
        ({"is_logged_in": True, "email": "Me@Example.org"}, True),
        ({"is_logged_in": True, "email": "me@example.org", "email_verified": True}, True),
        ({"is_logged_in": True, "email": "me@example.org", "email_verified": False}, False),
        ({"is_logged_in": False, "email": "me@example.org"}, False),
        ({"is_logged_in": True, "email": "you@example.org"}, False),
        ({"is_logged_in": True, "email": None}, False),
        ({"is_logged_in": True}, False),
        ({}, False),
    ],
)
def test_only_who_is_named_and_signed_in_is_let_in(user: dict[str, object], named: bool) -> None:
    assert is_named(user, ["me@example.org"]) is named
    assert not is_named(user, [])
