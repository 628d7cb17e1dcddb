"""What is remembered of visits, by a clock that the test turns."""

from __future__ import annotations

from ui.visits import LASTS_S, MOST, Visit, Visits


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_visit_is_found_by_its_token_alone() -> None:
    visits, mine, yours = Visits(), Visit(let_in=True, marked=(3, 1)), Visit()
    visits.keep(mine)
    visits.keep(yours)
    assert visits.find(mine.token) is mine
    assert visits.find(yours.token) is yours
    for forged in (None, "", "x", mine.token[:-1], mine.token + "A", mine.token.swapcase()):
        assert visits.find(forged) is None


def test_a_visit_that_has_ended_is_let_in_nowhere_whoever_holds_it() -> None:
    visits, mine, yours = Visits(), Visit(let_in=True), Visit(let_in=True)
    visits.keep(mine)
    visits.keep(yours)
    in_another_tab = visits.find(mine.token)
    visits.end(mine)
    assert visits.find(mine.token) is None
    assert in_another_tab is not None and not in_another_tab.let_in
    assert visits.find(yours.token) is yours and yours.let_in


def test_a_visit_that_was_never_kept_is_not_found() -> None:
    assert Visits().find(Visit(let_in=True).token) is None


def test_a_new_visit_is_let_in_to_nothing_and_names_itself_to_nobody() -> None:
    new = Visit()
    assert (new.let_in, new.marked, new.selecting, new.searches) == (False, (), False, {})
    assert len(new.token) == 43  # 32 bytes, 6 bits a letter
    assert new.token != Visit().token
    assert new.token not in repr(new)


def test_a_visit_is_forgotten_when_it_was_not_used_for_long() -> None:
    clock = Clock()
    visits, used, left = Visits(clock), Visit(), Visit()
    visits.keep(used)
    visits.keep(left)
    clock.now += LASTS_S - 1
    visits.keep(used)
    assert visits.find(left.token) is left  # which is no use of it
    clock.now += 1
    assert visits.find(left.token) is None
    assert visits.find(used.token) is used


def test_one_too_many_is_the_end_of_the_one_used_longest_ago() -> None:
    visits = Visits()
    first, *others = (Visit() for _ in range(MOST))
    for each in (first, *others):
        visits.keep(each)
    visits.keep(first)
    visits.keep(Visit())
    assert visits.find(first.token) is first
    assert visits.find(others[0].token) is None
    assert visits.find(others[1].token) is others[1]
