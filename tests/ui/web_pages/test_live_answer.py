"""Where the line is drawn, and which answers are kept."""

import pytest

from search.query import Match, Query, Results
from ui.web_pages.live_answer import LatestAnswers, first_below


def matches(*chances: float | None) -> list[Match]:
    return [
        Match(rank, rank, f"/{rank}.jpg", (), 0.5, chance, 3, 2, None)
        for rank, chance in enumerate(chances, 1)
    ]


@pytest.mark.parametrize(
    ("chances", "place"),
    [
        ((0.9, 0.5, 0.1, None), 2),
        ((0.9, 0.1, 0.5), None),  # nothing below the last good one
        ((0.1, None), None),  # the page says that nothing matches
        ((0.9, 0.8), None),
        ((), None),
    ],
)
def test_the_line_is_under_the_last_that_reaches_the_threshold(
    chances: tuple[float | None, ...], place: int | None
) -> None:
    assert first_below(matches(*chances), 0.5) == place


def test_raw_scores_draw_no_line() -> None:
    assert first_below(matches(0.9, 0.1), None) is None


def test_the_answer_that_was_not_asked_for_longest_goes() -> None:
    answers = LatestAnswers(2)
    one, two, three = (Results(Query(word), (), "model", False) for word in ("one", "two", "three"))
    answers.keep("one", one)
    answers.keep("two", two)
    assert answers.get("one") == one
    answers.keep("three", three)
    assert (answers.get("one"), answers.get("two"), answers.get("three")) == (one, None, three)
