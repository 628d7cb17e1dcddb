"""What the joint stage takes: photos, captions, and what three teachers say of them, on one device."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from transformers import BertTokenizer

from training import ensemble, teacher
from training.contrastive import embed_ids
from training.joint import JointData
from training.journal import Journal
from training.mini import DIM, Mini, tokenize
from training.photos import CaptionedPhotos
from training.relevance import Relevance

VIEWS = 6  # of a photo that the teachers look at


def joint_inputs(
    mini: Mini, tokenizer: BertTokenizer, splits: tuple[CaptionedPhotos, CaptionedPhotos], device: str,
    work: Path, journal: Journal,
) -> tuple[JointData, JointData, Relevance]:  # fmt: skip
    """Train, dev and graded truth, with the teachers' embeddings turned towards what `mini` says already."""
    train, dev = (on_device(split, tokenizer, device) for split in splits)
    sentences, dev_sentences = (
        torch.from_numpy(np.array(teacher.caption_features(split.captions, work / f"{name}_sentences.npy")))
        for split, name in zip(splits, ("train", "dev"), strict=True)
    )
    networks = [teacher.load_photo_teacher(size).to(device) for size in range(len(ensemble.SIDES))]
    views = [ensemble.pooled_features(networks, train.pixels, view) for view in range(VIEWS)]
    seen = ensemble.pooled_features(networks, dev.pixels, 0), dev_sentences.to(device), dev.owner
    heads = ensemble.train_heads(views, sentences.to(device), train.owner, seen, DIM, journal)
    mini.to(device).eval()  # not in inference mode, from which no parameter comes out that could learn
    with torch.inference_mode():
        photos, captions = ensemble.mean_embeddings(heads, views), heads.embed_captions(sentences.to(device))
        turn = ensemble.turned_towards(captions, embed_ids(mini, train.ids))
    taught = (photos @ turn).clone(), (captions @ turn).clone()  # outside inference mode, for a loss
    train = JointData(train.pixels, train.ids, train.owner, taught, networks[0])
    return train, dev, Relevance(sentences.to(device), train.owner)


def on_device(split: CaptionedPhotos, tokenizer: BertTokenizer, device: str) -> JointData:
    """The photos and captions of a split, of which no teacher has said anything yet."""
    pixels = torch.from_numpy(np.array(split.pixels)).permute(0, 3, 1, 2).contiguous()
    ids, _ = tokenize(tokenizer, split.captions)
    owner = torch.from_numpy(split.photo_of_caption)
    return JointData(pixels.to(device), ids.to(device), owner.to(device), None)
