"""What a page asks of its visitors."""

from __future__ import annotations

import pytest

from ui.errors import UiError
from ui.guard import MOST_TRIES, MOST_TRIES_OF_ALL, WINDOW_S, Tries, guard_of, is_right

PASSWORD = "correct horse"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_this_machine_is_asked_nothing_unless_there_is_a_password(host: str) -> None:
    assert guard_of(host, None, sign_in=False) == "machine"
    assert guard_of(host, None, sign_in=True) == "machine"
    assert guard_of(host, PASSWORD, sign_in=False) == "password"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "photos.example", "localhost.example", ""])
def test_others_are_asked_or_not_let_in_at_all(host: str) -> None:
    assert guard_of(host, PASSWORD, sign_in=True) == "password"
    assert guard_of(host, None, sign_in=True) == "sign-in"
    with pytest.raises(UiError) as refused:
        guard_of(host, None, sign_in=False)
    assert "BRIDGELENS_PASSWORD" in str(refused.value) and "[auth]" in str(refused.value)


def test_a_short_password_is_refused_even_on_this_machine() -> None:
    with pytest.raises(UiError, match="11 characters; expected 12"):
        guard_of("127.0.0.1", "x" * 11, sign_in=True)
    assert guard_of("127.0.0.1", "x" * 12, sign_in=False) == "password"


@pytest.mark.parametrize("typed", ["", "correct horsE", "correct horse ", "correct", "\ud800"])
def test_only_the_password_is_right(typed: str) -> None:
    assert not is_right(typed, PASSWORD)
    assert is_right(PASSWORD, PASSWORD)


def test_tries_are_few_for_each_address_and_for_all_and_come_back() -> None:
    now = [0.0]
    tries = Tries(clock=lambda: now[0])
    assert [tries.allow("a") for _ in range(MOST_TRIES + 2)] == [True] * MOST_TRIES + [False] * 2
    assert tries.allow(None)  # another address
    allowed = MOST_TRIES + 1 + sum(tries.allow(str(number)) for number in range(100))
    assert allowed == MOST_TRIES_OF_ALL
    now[0] = WINDOW_S - 1
    assert not tries.allow("new")
    now[0] = WINDOW_S
    assert tries.allow("a")


def test_who_knew_the_password_has_all_tries_again() -> None:
    tries = Tries(clock=lambda: 0.0)
    for _ in range(MOST_TRIES):
        assert tries.allow("a") and tries.allow("b")
    tries.forget("a")
    assert tries.allow("a")
    assert not tries.allow("b")
