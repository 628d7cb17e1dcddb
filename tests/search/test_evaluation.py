"""A whole evaluation of three captions and three photos, whose scores stand in two tables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from search.captions import CaptionedFolder, Skipped
from search.errors import NothingReadable, SearchError
from search.evaluate import ranks, reranked
from search.evaluation import Evaluation, Miss, Plan, evaluate, sample
from search.judging import judge
from search.nearest import Near, own_ranks, rerank_orders

Array = NDArray[Any]
PHOTOS, CAPTIONS = ("p0", "p1", "p2"), ("c0", "c1", "c2")
# By similarity the own photos (the diagonal) are first, second and third.
SIMILARITY = np.array([[0.875, 0.5, 0.25], [0.75, 0.5, 0.25], [0.75, 0.5, 0.25]], np.float32)
LOG_ODDS = np.array([[0, 1, 0], [-1, 2, 0], [0, 0, 3]], np.float32)
BOTH = Plan(shortlists=(2, 3))


class TabledStates:
    """Photos by their rows of the tables."""

    def __init__(self, rows: Array) -> None:
        self.bridged = self.attended = rows

    def select(self, rows: Array) -> TabledStates:
        return TabledStates(self.bridged[rows])


class Tabled:
    """A `search.encoder.StatesEncoder`: the red of photo 1 is 1, and captions are named c0, c1, c2."""

    name, fingerprint, dim = "tabled", "f" * 16, 3
    can_embed = True
    calibration: Mapping[str, float] | None = None

    def __init__(self, similarity_weight: float = 0.0, can_match: bool = True) -> None:
        self.similarity_weight, self.can_match = similarity_weight, can_match
        self.seen: list[int] = []  # photos whose tower ran, in order

    def preprocessor(self, photo: Image.Image) -> Array:
        pixels: Array = np.asarray(photo, np.float32).transpose(2, 0, 1)
        return pixels

    def embed_images(self, pixels: Array) -> Array:
        units: Array = np.eye(3, dtype=np.float32)[pixels[:, 0, 0, 0].astype(int)]
        return units

    def embed_captions(self, captions: Sequence[str]) -> Array:
        return SIMILARITY[[int(caption[1]) for caption in captions]]

    def photo_states(self, pixels: Array) -> TabledStates:
        rows = pixels[:, 0, 0, 0].astype(int)
        self.seen += rows.tolist()
        return TabledStates(rows)

    def caption_states(self, caption: str) -> int:
        return int(caption[1])

    def match_states(self, photos: TabledStates, caption: int) -> Array:
        odds: Array = LOG_ODDS[caption, photos.bridged]
        return odds

    def match_log_odds(self, pixels: Any, captions: Any) -> Any:
        raise AssertionError("an evaluation matches by states")

    def caption_is_truncated(self, caption: str) -> bool:
        return caption == "c2"


class Shelf:
    """Opens `p1` as a photo of one pixel, its red 1; `gone` cannot be opened, `later` not a second time."""

    def __init__(self, gone: Sequence[str] = (), later: Sequence[str] = ()) -> None:
        self.gone, self.later = set(gone), set(later)

    def load(self, path: str) -> Image.Image:
        if path in self.gone:
            raise OSError(f"{path}: damaged")
        if path in self.later:
            self.gone.add(path)
        return Image.new("RGB", (1, 1), (int(path[1]), 0, 0))


def run(plan: Plan, encoder: Tabled, shelf: Shelf, **options: Any) -> Evaluation:
    folder = CaptionedFolder(PHOTOS, CAPTIONS, np.arange(3))
    return evaluate(folder, encoder, shelf.load, plan, on_progress=lambda *_: None, **options)


def test_figures_of_every_way_follow_from_the_ranks() -> None:
    found = run(BOTH, Tabled(), Shelf())
    assert (found.photos, found.captions, found.truncated_captions, found.skipped) == (3, 3, 1, ())
    assert found.contrastive.summary == pytest.approx(
        {"recall@1": 100 / 3, "recall@5": 100, "recall@10": 100, "mrr": 11 / 18, "median_rank": 2}
    )  # ranks 1, 2, 3
    assert found.contrastive_sample.summary == found.contrastive.summary
    two, three = found.shortlists[2].summary, found.shortlists[3].summary
    assert two["mrr"] == pytest.approx(11 / 18)  # ranks 2, 1, and 3 out of reach
    assert two["median_rank"] == 2
    assert three["mrr"] == pytest.approx(5 / 6)  # ranks 2, 1, 1
    assert three["recall@1"] == pytest.approx(200 / 3)


def test_similarity_counts_by_the_models_weight() -> None:
    found = run(BOTH, Tabled(similarity_weight=1000.0), Shelf())
    assert found.shortlists[3].summary == found.contrastive.summary


def test_sizes_beyond_the_photos_are_those_of_all_photos() -> None:
    found = run(Plan(shortlists=(1, 8, 100)), Tabled(), Shelf())
    assert list(found.shortlists) == [1, 3]
    assert found.shortlists[1].summary == found.contrastive.summary


def test_misses_are_the_worst_first_with_what_was_first() -> None:
    assert run(BOTH, Tabled(), Shelf()).misses == (Miss("c0", "p0", 2, ("p1", "p0", "p2")),)
    by_two = run(Plan(shortlists=(2,)), Tabled(), Shelf()).misses
    assert by_two == (Miss("c2", "p2", 3, ("p0", "p1")), Miss("c0", "p0", 2, ("p1", "p0")))
    assert len(run(Plan(shortlists=(2,), misses=1), Tabled(), Shelf()).misses) == 1


def test_calibration_is_of_the_first_photo() -> None:
    found = run(BOTH, Tabled(), Shelf()).calibration
    assert found is not None
    assert (found.probability, found.queries) == ("ITM probability, uncalibrated", 3)
    sigmoid = [1 / (1 + math.exp(-value)) for value in (1, 2, 3)]  # wrong, right, right
    assert [each.predicted for each in found.bins] == pytest.approx(sigmoid)
    assert found.error == pytest.approx((sigmoid[0] + 1 - sigmoid[1] + 1 - sigmoid[2]) / 3)


def test_a_calibrated_probability_sees_the_shortlist_best_first() -> None:
    seen: list[tuple[list[float], list[float]]] = []

    def sure(similarities: Any, log_odds: Any) -> float:
        seen.append((similarities.tolist(), log_odds.tolist()))
        return 1.0

    found = run(BOTH, Tabled(), Shelf(), best_probability=sure).calibration
    assert found is not None
    assert found.probability == "calibrated probability"
    assert found.error == pytest.approx(1 / 3)
    assert seen[1] == ([0.5, 0.25, 0.75], [2.0, 0.0, -1.0])


def test_a_sample_is_compared_on_the_same_captions() -> None:
    plan = Plan(shortlists=(3,), queries=2)
    rows = sample(3, plan).tolist()
    found = run(plan, Tabled(), Shelf())
    assert (found.contrastive.queries, found.contrastive_sample.queries, found.shortlists[3].queries) == (
        3,
        2,
        2,
    )
    assert found.contrastive_sample.summary["mrr"] == pytest.approx(sum(1 / (row + 1) for row in rows) / 2)
    assert sample(5, Plan(queries=0)).tolist() == sample(5, Plan(queries=9)).tolist() == [0, 1, 2, 3, 4]


def test_a_photo_that_cannot_be_read_is_left_out_with_its_captions() -> None:
    found = run(BOTH, Tabled(), Shelf(gone=["p1"]))
    assert (found.photos, found.captions) == (2, 2)
    assert found.skipped == (Skipped("p1", "damaged"),)
    assert found.contrastive.summary["mrr"] == pytest.approx(3 / 4)  # c0 first; c2 behind p0
    assert found.shortlists[2].summary["mrr"] == 1.0


def test_a_photo_that_is_gone_for_the_rerank_keeps_its_place() -> None:
    found = run(BOTH, Tabled(), Shelf(later=["p1"]))
    assert (found.photos, found.skipped) == (3, (Skipped("p1", "damaged"),))
    # c0: p0 and p2 equal; c1: p1 stays second, behind p2; c2: p2 first.
    assert found.shortlists[3].summary["mrr"] == pytest.approx((1 + 1 / 2 + 1) / 3)
    assert found.calibration is not None
    assert found.calibration.queries == 3


def test_without_a_matching_head_there_is_the_contrastive_part() -> None:
    found = run(BOTH, Tabled(can_match=False), Shelf())
    assert (found.shortlists, found.calibration) == ({}, None)
    assert found.contrastive.summary["mrr"] == pytest.approx(11 / 18)
    assert [(miss.caption, miss.rank, miss.first[0]) for miss in found.misses] == [
        ("c2", 3, "p0"),
        ("c1", 2, "p0"),
    ]


def test_nothing_readable_is_refused_and_so_is_a_plan_without_sense() -> None:
    with pytest.raises(NothingReadable, match="none among 3; the first is p0: damaged"):
        run(BOTH, Tabled(), Shelf(gone=PHOTOS))
    for plan in (Plan(shortlists=()), Plan(shortlists=(8, 0)), Plan(queries=-1)):
        with pytest.raises(SearchError, match="expected"):
            run(plan, Tabled(), Shelf())


def test_each_size_orders_the_beginning_of_a_shortlist() -> None:
    meant, odds = np.array([[0.25, 0.5, 0.25]], np.float32), np.zeros((1, 3), np.float32)
    assert rerank_orders(meant, odds, 2.0, (2, 3)) == {2: [[1, 0]], 3: [[1, 0, 2]]}


@pytest.mark.parametrize("budget", [1, 10**9])
def test_each_photos_tower_runs_once_whatever_fits_in_memory(budget: int) -> None:
    encoder, shortlist = Tabled(), np.array([[0, 1], [0, 1], [2, 0]])
    done: list[tuple[str, int, int | None]] = []
    judged = judge(encoder, Shelf().load, PHOTOS, CAPTIONS, shortlist, lambda *at: done.append(at), budget)
    assert judged.log_odds.tolist() == [[0, 1], [-1, 2], [3, 0]]
    assert encoder.seen == [0, 1, 2]
    assert (judged.photos.count, judged.pairs.count) == (3, 6)
    assert done[-1] == ("Re-ranking", 6, 6)


def test_own_ranks_are_those_of_the_whole_order() -> None:
    rng = np.random.default_rng(0)
    scores, owner = rng.random((50, 30), np.float32), rng.integers(30, size=50)
    shortlist = np.argsort(-scores, axis=1)[:, :12]
    near = Near(ranks(scores, owner), shortlist, np.take_along_axis(scores, shortlist, axis=1), 0.0)
    odds = rng.standard_normal((50, 12), np.float32)
    for size, orders in rerank_orders(near.similarities, odds, 2.0, (5, 12)).items():
        judged = (odds + 2.0 * near.similarities)[:, :size].astype(np.float32)
        assert (
            own_ranks(near, owner, orders).tolist()
            == ranks(reranked(scores, shortlist[:, :size], judged), owner).tolist()
        )
