"""The visit of a page's run, in Streamlit's own test harness, whose browser the test is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import ui
from ui.this_visit import cookie

PAGE = Path(ui.__file__).with_name("web.py")
PASSWORD = "correct horse"
SET = re.compile(r'document\.cookie = "([^=]+)=([\w-]{43}); path=/; SameSite=Strict"')


@pytest.fixture(autouse=True)
def nothing_cached(bridgelens: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test has its own visits, of no library and behind a password."""
    monkeypatch.setenv("BRIDGELENS_PASSWORD", PASSWORD)
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """One load of the page, in a session of its own, with these cookies."""

    def load(**cookies: str) -> AppTest:
        monkeypatch.setattr(type(st.context), "cookies", cookies)
        shown = AppTest.from_file(str(PAGE), default_timeout=30).run()
        assert not shown.exception
        return shown

    return load


def cookies_set(shown: AppTest) -> list[tuple[str, str]]:
    """Names and values of the cookies that the page's scripts set."""
    return [found for each in shown.get("html") for found in SET.findall(each.proto.body)]


def give_password(shown: AppTest) -> str:
    """The token that the browser is given for it."""
    shown.text_input[0].set_value(PASSWORD)
    shown.button[0].click().run()
    ((name, token),) = cookies_set(shown)
    assert name == cookie() == "bridgelens-visit-8501"  # Streamlit's own port, as the page has none here
    return token


def is_asked(shown: AppTest) -> bool:
    return [each.label for each in shown.text_input] == ["Password"]


def test_who_gave_the_password_is_not_asked_at_the_next_load(load: Callable[..., AppTest]) -> None:
    first = load()
    assert is_asked(first)
    assert cookies_set(first) == []
    token = give_password(first)
    second = load(**{cookie(): token})
    assert not is_asked(second)
    assert cookies_set(second) == []  # it has one


def test_a_token_that_was_not_given_opens_nothing(load: Callable[..., AppTest]) -> None:
    token = give_password(load())
    for forged in ("", "x" * 43, token[:-1]):
        assert is_asked(load(**{cookie(): forged}))
    assert is_asked(load())
    assert is_asked(load(**{"bridgelens-visit-1": token}))


def test_a_planted_token_is_not_the_one_that_is_let_in(load: Callable[..., AppTest]) -> None:
    planted = "x" * 43
    assert give_password(load(**{cookie(): planted})) != planted
    assert is_asked(load(**{cookie(): planted}))


def test_two_browsers_have_visits_of_their_own(load: Callable[..., AppTest]) -> None:
    one, other = give_password(load()), give_password(load())
    assert one != other
    load(**{cookie(): one}).session_state["visit"].marked = (3, 1)
    assert load(**{cookie(): one}).session_state["visit"].marked == (3, 1)
    assert load(**{cookie(): other}).session_state["visit"].marked == ()


def test_without_a_cookie_the_visit_is_the_sessions(load: Callable[..., AppTest]) -> None:
    shown = load()
    give_password(shown)
    assert not is_asked(shown.run())
    assert is_asked(load())
