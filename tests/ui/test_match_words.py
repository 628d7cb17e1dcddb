"""Words for probabilities, by the checkpoint's threshold."""

import pytest

from ui.match_words import legend, strong_from, word_for


@pytest.mark.parametrize(
    ("probability", "word"),
    [(0.0, "weak"), (0.19, "weak"), (0.2, "likely"), (0.59, "likely"), (0.6, "strong"), (1.0, "strong")],
)
def test_weak_is_below_the_threshold_and_strong_from_half_way_to_certainty(
    probability: float, word: str
) -> None:
    assert word_for(probability, 0.2) == word


def test_the_legend_says_the_numbers() -> None:
    assert strong_from(0.2) == 0.6
    assert "60% or more" in legend(0.2)
    assert "less than 20%" in legend(0.2)
