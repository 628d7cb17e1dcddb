"""Fit a calibration on a captioned folder, and measure it on photos that the fit never saw.

Half of the photos are for the fit, half for the measure. In each half, every photo's caption is asked twice:
of that half, where its photo is present, and of what shares no content word with it, where it is absent.
Presence is not to be guessed from the size of what is searched, so every other caption with its photo
present is asked of as few photos as it is when absent, and shortlists of several sizes take turns.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from search.absence import content_words, nothing_in_common
from search.calibration import Calibration, features
from search.calibration_error import Bin, expected_calibration_error, reliability
from search.captions import CaptionedFolder
from search.encoder import LoadPhoto, StatesEncoder
from search.errors import CaptionsInvalid
from search.judging import OnProgress, judge
from search.nearest import embed_photos
from search.rerank import rerank_order
from search.second_look import meant_of_shortlists, seen

SIZES = (8, 16, 32, 64, 100)  # shortlists that take turns
QUERIES = 500  # captions of each half, at most
ANSWERED = 0.9  # the share of present captions that the threshold lets through
FEWEST = 40  # queries of each kind below which nothing can be fitted


@dataclass(frozen=True)
class Asked:
    """Captions with the photos that they are asked of, re-ranked.

    `features` float64 (n, 5) are those of the first photo; bool (n,) `right`: it is the caption's own;
    `present`: the caption's own photo was among those searched.
    """

    features: NDArray[np.float64]
    right: NDArray[np.bool_]
    present: NDArray[np.bool_]


@dataclass(frozen=True)
class Measured:
    """A calibration, and how it did on the photos kept from the fit.

    `error` is the expected calibration error over present and absent captions alike; `answered_present` and
    `answered_absent` are shares (0 to 1) at the threshold.
    """

    calibration: Calibration
    error: float
    bins: tuple[Bin, ...]
    answered_present: float
    answered_absent: float
    present: int
    absent: int


def calibrate(
    folder: CaptionedFolder, encoder: StatesEncoder, load_photo: LoadPhoto, on_progress: OnProgress,
    seed: int = 0,
) -> Measured:  # fmt: skip
    """Fit on half of the photos and measure on the other half.

    Raises:
        CaptionsInvalid: too few captions, or hardly any that some photo shares no word with.
        NothingReadable: no photo can be read.
        model.errors.HeadMissing: the checkpoint lacks the contrastive or the ITM head.
    """
    folder, embeddings = embed_photos(folder, encoder, load_photo, on_progress)
    halves = np.array_split(np.random.default_rng(seed).permutation(len(folder.photos)), 2)
    fit, held_out = (
        ask(folder.only(half.tolist()), encoder, load_photo, embeddings[half], on_progress) for half in halves
    )
    for asked in (fit, held_out):
        refuse_few(asked)
    calibration = regress(fit)
    chances = [chance(calibration, asked.features) for asked in (fit, held_out)]
    threshold = float(np.quantile(chances[0][fit.present], 1 - ANSWERED))
    answered = chances[1] >= threshold
    return Measured(
        replace(calibration, threshold=threshold),
        expected_calibration_error(chances[1], held_out.right),
        tuple(reliability(chances[1], held_out.right)),
        float(answered[held_out.present].mean()), float(answered[~held_out.present].mean()),
        int(held_out.present.sum()), int((~held_out.present).sum()),
    )  # fmt: skip


def ask(
    folder: CaptionedFolder, encoder: StatesEncoder, load_photo: LoadPhoto,
    photos: NDArray[np.float32], on_progress: OnProgress, seed: int = 0,
) -> Asked:  # fmt: skip
    """One caption of each photo, asked where its photo is and where it is not. `photos` are embeddings."""
    rng = np.random.default_rng(seed)
    owner = folder.photo_of_caption
    drawn = rng.permutation(len(owner))
    rows = drawn[np.unique(owner[drawn], return_index=True)[1]][:QUERIES]  # one a photo
    absent = nothing_in_common(rows, content_words(folder.captions), owner, len(folder.photos))
    enough = absent.sum(1) >= min(SIZES)
    rows, absent = rows[enough], absent[enough]
    if not len(rows):
        return Asked(np.empty((0, 5)), np.empty(0, np.bool_), np.empty(0, np.bool_))
    searched = np.concatenate([present_in(absent, owner[rows], rng), absent])
    captions = [folder.captions[row] for row in rows]
    texts = encoder.embed_captions(captions)
    similarity = np.tile(texts @ photos.T, (2, 1))
    similarity[~searched] = -2  # below every cosine
    shortlist = np.argsort(-similarity, axis=1, kind="stable")[:, : max(SIZES)]
    near = np.take_along_axis(similarity, shortlist, axis=1)
    there = near > -2
    shortlist = np.where(there, shortlist, shortlist[:, :1])  # a photo judged twice, then left out
    judged = judge(encoder, load_photo, folder.photos, captions * 2, shortlist, on_progress)
    odds, photos = judged.log_odds, seen(encoder, photos, judged.looks)
    meant = meant_of_shortlists(encoder, photos, np.tile(texts, (2, 1)), shortlist)
    first = [
        first_photo(near[row], odds[row], int(there[row].sum()), SIZES[row % len(SIZES)], encoder, meant[row])
        for row in range(len(shortlist))
    ]
    best = shortlist[np.arange(len(shortlist)), [place for place, _ in first]]
    right = best == np.tile(owner[rows], 2)
    return Asked(np.array([each for _, each in first]), right, np.arange(len(right)) < len(rows))


def present_in(
    absent: NDArray[np.bool_], own: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.bool_]:
    """What is searched where the own photo is there, bool (queries, photos).

    Every other query has all photos, the others as many as when absent, drawn at random.
    """
    searched = np.ones_like(absent)
    for row in range(1, len(absent), 2):
        searched[row] = False
        searched[row, rng.choice(absent.shape[1], absent[row].sum(), replace=False)] = True
        searched[row, own[row]] = True
    return searched


def first_photo(
    near: NDArray[np.float32], odds: NDArray[np.float32], there: int, size: int, encoder: StatesEncoder,
    meant: NDArray[np.float32] | None = None,
) -> tuple[int, NDArray[np.float64]]:  # fmt: skip
    """Which place of a shortlist cut to `size` a re-rank puts first, and its features, float64 (5,).

    `near` are cosines, and `meant` what the order counts with in their place; None for those.
    """
    size = min(size, there)
    judged = [None if np.isnan(value) else float(value) for value in odds[:size]]
    known = np.array([value is not None for value in judged])
    ordered_by = near if meant is None else meant
    first = rerank_order(ordered_by[:size].tolist(), judged, encoder.similarity_weight)[0]
    if not known[first]:
        return first, np.full(5, np.nan)
    read = features(near[:size][known], odds[:size][known])
    return first, read[int(known[:first].sum())]


def regress(asked: Asked) -> Calibration:
    """Logistic regression by scikit-learn on standardised features, written for the raw ones."""
    from sklearn.linear_model import LogisticRegression

    known = ~np.isnan(asked.features).any(1)
    raw, right = asked.features[known], asked.right[known]
    mean, spread = raw.mean(0), raw.std(0) + 1e-9
    fitted = LogisticRegression(C=1.0, max_iter=1000).fit((raw - mean) / spread, right)
    weights = fitted.coef_[0] / spread
    return Calibration(tuple(weights.tolist()), float(fitted.intercept_[0] - weights @ mean), 0.0)


def chance(calibration: Calibration, read: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probability from features, float64 (n, 5) to (n,); 0 for a photo that could not be judged."""
    return np.where(np.isnan(read).any(1), 0.0, calibration.of_features(np.nan_to_num(read, nan=0.0)))


def refuse_few(asked: Asked) -> None:
    """Say so where a fit would be no more than a guess.

    Raises:
        CaptionsInvalid: fewer than 40 captions, or the first photo is always or never the right one.
    """
    queries = int(asked.present.sum())
    if queries < FEWEST:
        raise CaptionsInvalid(
            f"a calibration needs two halves of {FEWEST} captioned photos or more that do not all share a "
            f"word; found {queries} in one half"
        )
    if asked.right.all() or not asked.right.any():
        raise CaptionsInvalid(
            "a calibration needs captions whose photo comes first and some whose photo does not; found only "
            f"{'the first' if asked.right.all() else 'the second'} kind"
        )
