"""How well a photo matches, in words: from its calibrated probability and the checkpoint's own threshold."""

from __future__ import annotations

from typing import Literal, TypeAlias

Word: TypeAlias = Literal["strong", "likely", "weak"]


def strong_from(threshold: float) -> float:
    """The probability from which a match is strong: half way from the threshold to certainty."""
    return (1 + threshold) / 2


def word_for(probability: float, threshold: float) -> Word:
    """The word for a calibrated probability, 0 to 1.

    A match is weak below `threshold`, under which even the best photo of a search counts as none.
    """
    if probability < threshold:
        return "weak"
    return "strong" if probability >= strong_from(threshold) else "likely"


def legend(threshold: float) -> str:
    """What the words mean, in numbers."""
    return (
        f"A strong match is right with {strong_from(threshold):.0%} or more, a weak one with less than "
        f"{threshold:.0%}, by the model's calibration."
    )
