"""What a query has to be before anything is loaded for it."""

import pytest

from search.errors import EmptyCaption, SearchError
from search.query import Query, check


def test_a_caption_of_spaces_is_none() -> None:
    with pytest.raises(EmptyCaption, match="the caption is empty"):
        check(Query("  "), "")


@pytest.mark.parametrize(
    ("query", "name"),
    [(Query("a dog", k=0), "number of results"), (Query("a dog", shortlist=0), "shortlist")],
)
def test_a_count_below_one_is_refused(query: Query, name: str) -> None:
    with pytest.raises(SearchError, match=f"the {name} is 0: expected 1 or more"):
        check(query, query.caption)


def test_an_ordinary_query_passes() -> None:
    check(Query("a dog", k=1, shortlist=1), "a dog")
