"""States put together, chosen from, halved: shapes and bytes one can count."""

from __future__ import annotations

import numpy as np
import torch

from model.tower_states import TowerStates


def states(first: float, n: int = 2) -> TowerStates:
    """2 layers, n photos, 3 tokens, width 4; photo i is all `first` + i."""
    photos = (first + torch.arange(n))[:, None, None].expand(n, 3, 4)
    return TowerStates(photos.expand(2, n, 3, 4).clone(), photos.clone(), torch.zeros(n, 1, 1, 3))


def test_joined_photos_follow_each_other() -> None:
    joined = states(1.0).join([states(5.0), states(9.0, 1)])
    assert len(joined) == 5
    assert joined.attended[:, 0, 0].tolist() == [1, 2, 5, 6, 9]
    assert joined.bridged[1, :, 2, 3].tolist() == [1, 2, 5, 6, 9]
    assert joined.mask is not None and joined.mask.shape == (5, 1, 1, 3)


def test_photos_without_a_mask_stay_without() -> None:
    bare = TowerStates(states(1.0).bridged, states(1.0).attended)
    assert bare.join([bare]).mask is None
    assert bare.nbytes == 4 * (2 + 1) * 2 * 3 * 4  # float32: layers and one attended, photos, tokens, width


def test_chosen_rows_are_a_copy_that_frees_the_rest() -> None:
    some = states(1.0).select(torch.tensor([1]))
    assert some.bridged.untyped_storage().nbytes() == 4 * 2 * 3 * 4


def test_a_single_row_is_a_copy_too() -> None:
    some = states(1.0, 3).select(np.array([-1]))
    assert some.attended[:, 0, 0].tolist() == [3] and some.bridged[1, :, 2, 3].tolist() == [3]
    assert some.bridged.shape == (2, 1, 3, 4) and some.attended.shape == (1, 3, 4)
    assert some.mask is not None and some.mask.shape == (1, 1, 1, 3)
    assert some.bridged.untyped_storage().nbytes() == 4 * 2 * 3 * 4


def test_photos_joined_with_no_others_are_not_copied() -> None:
    alone = states(1.0)
    assert alone.join([]) is alone


def test_half_is_half_of_float32_and_leaves_a_mask_of_tokens_alone() -> None:
    whole = states(1.0)
    assert whole.half().nbytes * 2 == whole.nbytes
    assert whole.half().attended.dtype == torch.float16
    low = whole.to(torch.bfloat16)
    assert low.half() is low
    caption = TowerStates(whole.bridged, whole.attended, torch.ones(2, 1, 1, 3, dtype=torch.bool))
    mask = caption.half().mask
    assert mask is not None and mask.dtype == torch.bool
