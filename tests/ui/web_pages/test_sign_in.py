"""The way in, in Streamlit's own test harness."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import ui
from ui import visitors
from ui.guard import MOST_TRIES
from ui.visitors import may_change

PAGE = Path(ui.__file__).with_name("web.py")
PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def nothing_cached() -> Iterator[None]:
    """Each test has its own tries."""
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture
def page(bridgelens: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The Search page of no library, behind a password."""
    monkeypatch.setenv("BRIDGELENS_PASSWORD", PASSWORD)
    shown = AppTest.from_file(str(PAGE), default_timeout=30).run()
    assert not shown.exception
    return shown


def html(shown: AppTest) -> str:
    return "\n".join(element.proto.body for element in shown.get("html"))


def try_with(shown: AppTest, typed: str) -> AppTest:
    shown.text_input[0].set_value(typed)
    shown.button[0].click().run()
    assert not shown.exception
    return shown


def test_nothing_is_shown_before_the_password(page: AppTest) -> None:
    assert [each.label for each in page.text_input] == ["Password"]
    assert "No library yet" not in html(page)
    assert not may_change()
    assert "That is not the password" in html(try_with(page, "correct horsE"))
    assert "No library yet" not in html(page)
    assert "No library yet" in html(try_with(page, PASSWORD))
    assert "Password" not in [each.label for each in page.text_input]
    assert "No library yet" in html(page.run())  # as long as the session lasts


def test_who_has_left_is_asked_again_and_no_word_of_the_search_stays(page: AppTest) -> None:
    try_with(page, PASSWORD)
    page.query_params["q"] = "a dog"
    assert "No library yet" in html(page.run())
    page.button(key="leave").click().run()
    assert [each.label for each in page.text_input] == ["Password"]
    assert "max-age=0" in html(page) and not page.query_params
    assert "max-age=0" not in html(try_with(page, "wrong"))  # which another tab may have set meanwhile
    assert "No library yet" in html(try_with(page, PASSWORD))


def test_too_many_tries_are_not_even_looked_at(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    # Of the harness every visit has an address that equals no other.
    monkeypatch.setattr(type(st.context), "ip_address", "192.168.1.7")
    for _ in range(MOST_TRIES):
        try_with(page, "wrong")
    again = AppTest.from_file(str(PAGE), default_timeout=30).run()  # a new visit is no way round
    assert "Too many tries" in html(try_with(again, PASSWORD))
    assert "No library yet" not in html(again)


def test_a_short_password_lets_nobody_in(
    bridgelens: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRIDGELENS_PASSWORD", "short")
    shown = AppTest.from_file(str(PAGE), default_timeout=30).run()
    assert "expected 12 or more" in html(shown)
    assert not shown.text_input


def test_others_are_offered_a_sign_in_where_it_is_set_up(
    bridgelens: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visitors, "find_spec", lambda name: True)  # the package need not be installed
    monkeypatch.setattr(st, "get_option", lambda name: "0.0.0.0")
    shown = AppTest.from_file(str(PAGE), default_timeout=30)
    shown.secrets["auth"] = {"client_id": "x"}
    assert "lets other machines in" in html(shown.run())  # nobody is named yet
    shown.secrets["bridgelens"] = {"visitors": ["me@example.org"]}
    shown.run()
    assert "for those whom its owner has named" in html(shown)
    assert [each.label for each in shown.button] == ["Sign in"]
    assert "No library yet" not in html(shown)
