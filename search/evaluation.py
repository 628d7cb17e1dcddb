"""A captioned folder and a model to figures: contrastive alone, then re-ranked for each shortlist size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.calibration_error import Bin, expected_calibration_error, reliability
from search.captions import CaptionedFolder, Skipped
from search.encoder import LoadPhoto, StatesEncoder
from search.errors import SearchError
from search.evaluate import intervals, summary
from search.judging import Judged, OnProgress, judge
from search.nearest import Near, embed_photos, nearest, own_ranks, rerank_orders
from search.rerank import probability
from search.second_look import meant_of_shortlists, no_looks, seen

SHOWN = 3  # photos kept of what was first instead

BestProbability = Callable[[NDArray[np.float32], NDArray[np.float32]], float]
"""Similarities and log-odds of a re-ranked shortlist, float32 (k,) each and best first, to the probability
that the first photo is the right one."""


@dataclass(frozen=True)
class Plan:
    """What is measured: shortlist sizes, captions re-ranked (0 is all of them), misses kept."""

    shortlists: tuple[int, ...] = (8, 16, 32, 64, 100)
    queries: int = 1000
    misses: int = 20
    seed: int = 0


@dataclass(frozen=True)
class Figures:
    """One way of ranking: what `search.evaluate.summary` and `intervals` say of its captions."""

    summary: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    queries: int
    seconds_per_query: float


@dataclass(frozen=True)
class Calibrated:
    """How well a probability holds that a caption's first photo is its own; `error` is the expected one."""

    probability: str
    error: float
    bins: tuple[Bin, ...]
    queries: int


@dataclass(frozen=True)
class Miss:
    """A caption whose own photo was not first: its rank (1 is first), and the photos that were."""

    caption: str
    photo: str
    rank: int
    first: tuple[str, ...]


@dataclass(frozen=True)
class Evaluation:
    """All figures of one run. `contrastive_sample` and `shortlists` are of the same sample of captions.

    Seconds a query of a re-rank are with the photos' tower states in hand; a photo without them takes
    `seconds_per_photo` more. Without an ITM head `shortlists` is empty and `calibration` None.
    """

    model_name: str
    fingerprint: str
    photos: int
    captions: int
    truncated_captions: int
    skipped: tuple[Skipped, ...]
    contrastive: Figures
    contrastive_sample: Figures
    shortlists: dict[int, Figures]
    seconds_per_photo: float
    calibration: Calibrated | None
    misses: tuple[Miss, ...]


def evaluate(
    folder: CaptionedFolder, encoder: StatesEncoder, load_photo: LoadPhoto, plan: Plan, *,
    on_progress: OnProgress, best_probability: BestProbability | None = None,
) -> Evaluation:  # fmt: skip
    """Rank all photos for every caption by similarity, and re-rank the shortlists of a sample of captions.

    A photo that cannot be read is left out, with its captions. `best_probability` is the calibrated
    probability of a first photo; None takes ITM's own.

    Raises:
        SearchError: a shortlist is below 1 or there is none.
        NothingReadable: no photo can be read.
        model.errors.HeadMissing: the checkpoint has no contrastive heads.
    """
    check(plan)
    folder, photos = embed_photos(folder, encoder, load_photo, on_progress)
    near = nearest(folder, encoder, photos, max(plan.shortlists), on_progress)
    rows = sample(len(folder.captions), plan)
    asked, owner = near.of(rows), folder.photo_of_caption[rows]
    captions = [folder.captions[row] for row in rows]
    nothing = np.full(asked.shortlist.shape, np.nan, np.float32)
    judged, orders = Judged(nothing, no_looks(encoder, len(photos))), {}
    if encoder.can_match:
        judged = judge(encoder, load_photo, folder.photos, captions, asked.shortlist, on_progress)
        photos, texts = seen(encoder, photos, judged.looks), encoder.embed_captions(captions)
        means = meant_of_shortlists(encoder, photos, texts, asked.shortlist)
        orders = rerank_orders(means, judged.log_odds, encoder.similarity_weight, plan.shortlists)
    found = {size: own_ranks(asked, owner, order) for size, order in orders.items()}
    final = orders[max(orders)] if orders else [list(range(asked.shortlist.shape[1]))] * len(rows)
    final_ranks = found[max(orders)] if orders else asked.own
    return Evaluation(
        model_name=encoder.name, fingerprint=encoder.fingerprint,
        photos=len(folder.photos), captions=len(folder.captions),
        truncated_captions=sum(map(encoder.caption_is_truncated, folder.captions)),
        skipped=(*folder.skipped, *judged.unread),
        contrastive=_figures(near.own, near.seconds_per_query),
        contrastive_sample=_figures(asked.own, near.seconds_per_query),
        shortlists={size: _figures(found[size], _seconds(near, judged, size)) for size in orders},
        seconds_per_photo=judged.photos.each,
        calibration=_calibration(asked, owner, judged.log_odds, final, best_probability),
        misses=_misses(folder, rows, asked, final_ranks, final, plan.misses),
    )  # fmt: skip


def check(plan: Plan) -> None:
    """Refuse what cannot be measured.

    Raises:
        SearchError: no shortlist, one below 1, or a negative number of captions.
    """
    if not plan.shortlists or min(plan.shortlists) < 1:
        raise SearchError("a shortlist is below 1: expected sizes of 1 or more, such as --shortlist 8,32,100")
    if plan.queries < 0:
        raise SearchError(f"the number of queries is {plan.queries}: expected 1 or more, or 0 for all")


def sample(captions: int, plan: Plan) -> NDArray[np.int64]:
    """Which captions are re-ranked, int64, ascending: the same ones for every model."""
    drawn = np.random.default_rng(plan.seed).permutation(captions)
    return np.sort(drawn[: plan.queries or captions])


def _figures(found: NDArray[np.int64], seconds: float) -> Figures:
    return Figures(summary(found), intervals(found), len(found), seconds)


def _seconds(near: Near, judged: Judged, size: int) -> float:
    return near.seconds_per_query + judged.captions.each + size * judged.pairs.each


def _calibration(
    near: Near, owner: NDArray[np.int64], log_odds: NDArray[np.float32], orders: Sequence[Sequence[int]],
    best_probability: BestProbability | None,
) -> Calibrated | None:  # fmt: skip
    """How well the first photo's probability holds; a first photo without log-odds has none."""
    predicted: list[float] = []
    truth: list[bool] = []
    for row, order in enumerate(orders):
        odds, similarities = log_odds[row, order], near.similarities[row, order]
        if np.isnan(odds[0]):
            continue
        if best_probability is None:
            predicted.append(probability(float(odds[0])) or 0.0)
        else:
            predicted.append(best_probability(similarities[~np.isnan(odds)], odds[~np.isnan(odds)]))
        truth.append(bool(near.shortlist[row, order[0]] == owner[row]))
    if not predicted:
        return None
    chance, came_true = np.array(predicted), np.array(truth)
    name = "ITM probability, uncalibrated" if best_probability is None else "calibrated probability"
    error = expected_calibration_error(chance, came_true)
    return Calibrated(name, error, tuple(reliability(chance, came_true)), len(truth))


def _misses(
    folder: CaptionedFolder, rows: NDArray[np.int64], near: Near, found: NDArray[np.int64],
    orders: Sequence[Sequence[int]], count: int,
) -> tuple[Miss, ...]:  # fmt: skip
    """The captions whose own photos rank lowest, the worst first, none whose photo is first."""
    worst = np.argsort(-found, kind="stable")[:count]
    return tuple(
        Miss(
            caption=folder.captions[rows[query]],
            photo=folder.photos[folder.photo_of_caption[rows[query]]],
            rank=int(found[query]) + 1,
            first=tuple(folder.photos[each] for each in near.shortlist[query, orders[query][:SHOWN]]),
        )
        for query in worst
        if found[query] > 0
    )
