from __future__ import annotations

import os
from pathlib import Path

from indexer.settling import Settling


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def grow(path: Path) -> None:
    with open(path, "ab") as file:
        file.write(b"more")


def test_a_file_settles_when_it_has_been_the_same_for_a_second(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "a.jpg"
    settling = Settling(1.0, clock)
    grow(path)
    settling.changed([str(path)])
    for clock.now, expected in ((0.5, []), (0.99, []), (1.0, [str(path)])):
        settling.look()
        assert settling.settled() == expected
    assert str(path) not in settling.busy()


def test_a_file_that_grows_does_not_settle_though_no_event_told_of_it(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "a.jpg"
    settling = Settling(1.0, clock)
    grow(path)
    settling.changed([str(path)])
    for step in range(1, 9):
        clock.now = step * 0.5
        grow(path)
        settling.look()
        assert settling.settled() == []
    clock.now = 5.0
    settling.look()
    assert settling.settled() == [str(path)]


def test_a_settled_file_that_changes_again_has_to_settle_again(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "a.jpg"
    settling = Settling(1.0, clock)
    settling.changed([str(path)])  # gone, which settles too
    clock.now = 1.0
    settling.look()
    assert settling.settled() == [str(path)]
    settling.changed([str(path)])
    assert settling.settled() == []
    clock.now = 2.0
    settling.look()
    assert settling.settled() == [str(path)]
    settling.done([str(path)])
    assert settling.settled() == []


def test_every_folder_above_a_file_that_is_being_written_is_busy(tmp_path: Path) -> None:
    settling = Settling(1.0, Clock())
    settling.changed([str(tmp_path / "a" / "b.jpg")])
    busy = settling.busy()
    assert {str(tmp_path / "a" / "b.jpg"), str(tmp_path / "a"), str(tmp_path), os.sep} <= busy
    assert str(tmp_path / "c") not in busy
