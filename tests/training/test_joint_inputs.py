"""The joint stage's inputs: a split as it lies on a device."""

from __future__ import annotations

import numpy as np
import torch
from transformers import BertTokenizer

from training.contrastive import embed_captions, embed_ids
from training.joint_inputs import on_device
from training.mini import Mini, tokenize
from training.photos import CaptionedPhotos


def test_photos_and_captions_arrive_as_they_are(tokenizer: BertTokenizer) -> None:
    pixels = np.arange(2 * 4 * 4 * 3, dtype=np.uint8).reshape(2, 4, 4, 3)
    captions = ["a dog", "the cat sleeps on grass", "snow"]
    split = CaptionedPhotos(["x.jpg", "y.jpg"], pixels, captions, np.array([0, 0, 1]))
    data = on_device(split, tokenizer, "cpu")
    assert data.pixels[1, :, 2, 3].tolist() == pixels[1, 2, 3].tolist()
    assert data.owner.tolist() == [0, 0, 1]
    assert [tokenizer.decode(row, skip_special_tokens=True) for row in data.ids] == captions
    assert data.taught is None


@torch.inference_mode()
def test_captions_embed_as_they_do_elsewhere(mini: Mini, tokenizer: BertTokenizer) -> None:
    captions = ["a dog", "the cat sleeps on grass"]
    ids, _ = tokenize(tokenizer, captions)
    assert torch.allclose(embed_ids(mini, ids), embed_captions(mini, tokenizer, captions), atol=1e-5)
