"""Stage 0: train the teacher's two small heads on the captions; mini learns to hit their joint space."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from search.evaluate import ranks, recall
from training.journal import Journal
from training.teacher import TeacherHeads

BATCH = 1024  # captions a step, or all where there are fewer


def recall_at_k(captions: Tensor, photos: Tensor, photo_of_caption: NDArray[np.int64]) -> dict[str, float]:
    """recall@k in percent of unit embeddings, captions (m, dim) against photos (n, dim)."""
    return recall(ranks((captions @ photos.T).numpy(), photo_of_caption))


def contrastive_loss(photos: Tensor, captions: Tensor, same: Tensor, scale: Tensor) -> Tensor:
    """Cross-entropy both ways; `same` bool (photos, captions) marks every true pair."""
    logits = scale.exp() * photos @ captions.T
    target = same.float()
    to_captions = -(F.log_softmax(logits, 1) * target / target.sum(1, keepdim=True)).sum(1).mean()
    to_photos = -(F.log_softmax(logits, 0) * target / target.sum(0, keepdim=True)).sum(0).mean()
    return (to_captions + to_photos) / 2


def train_heads(
    pooled: list[Tensor], sentences: Tensor, photo_of_caption: NDArray[np.int64],
    dev: tuple[Tensor, Tensor, NDArray[np.int64]], dim: int, epochs: int, seed: int, journal: Journal,
) -> TeacherHeads:  # fmt: skip
    """Fit the heads on every view; keep the epoch that finds most dev photos.

    `pooled` holds one float32 (n, 2560) a view, `sentences` float32 (m, 384), `dev` the same three of dev.
    """
    torch.manual_seed(seed)
    heads = TeacherHeads(dim)
    optimiser = torch.optim.AdamW(heads.parameters(), lr=1e-3, weight_decay=0.1)
    batch = min(BATCH, len(sentences))
    steps = epochs * (len(sentences) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-3, total_steps=steps)
    owner = torch.from_numpy(photo_of_caption)
    best, kept = -1.0, {name: value.clone() for name, value in heads.state_dict().items()}
    for epoch in range(epochs):
        heads.train()
        for rows in torch.randperm(len(sentences))[: steps // epochs * batch].split(batch):
            view = pooled[int(torch.randint(len(pooled), (1,)))]
            photos = heads.embed_photos(view[owner[rows]])
            captions = heads.embed_captions(sentences[rows])
            loss = contrastive_loss(
                photos, captions, owner[rows][:, None] == owner[rows][None], heads.log_scale
            )
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        heads.eval()
        with torch.inference_mode():
            found = recall_at_k(heads.embed_captions(dev[1]), heads.embed_photos(dev[0]), dev[2])
        journal.write(stage="teacher_heads", epoch=epoch, loss=round(loss.item(), 4), dev=found)
        if found["recall@10"] > best:
            best, kept = (
                found["recall@10"],
                {name: value.clone() for name, value in heads.state_dict().items()},
            )
    heads.load_state_dict(kept)
    return heads
