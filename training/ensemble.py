"""Several photo teachers at once: their pooled features side by side, and one pair of heads over them.

What EfficientNet-Lite0, 1 and 2 agree on is closer to the photo than what any of them sees, and so is what
many views of a photo agree on. Only a GPU looks at 6,000 photos often enough for that.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.fresh_views import fresh_views, normalised
from training.heads import recall_at_k
from training.journal import Journal
from training.relevance import Relevance, graded_cross_entropy
from training.teacher import TeacherHeads

SIDES = (224, 240, 260)  # what the three were trained at
AT_ONCE = 200  # photos
BATCH, EPOCHS, RATE = 1024, 20, 1e-3
SHARPNESS = 20.0


@torch.inference_mode()
def pooled_features(networks: Sequence[nn.Module], pixels: Tensor, view: int) -> Tensor:
    """Mean and max over each network's last feature map, each of length 10: float16 (n, 2560 a network).

    View 0 is the whole photo, view 1 its mirror image, the others are crops.
    """
    generator = torch.Generator(pixels.device).manual_seed(view)
    out = []
    for few in pixels.split(AT_ONCE):
        values = fresh_views(few, generator) if view > 1 else normalised(few.float() / 255)
        values = values.flip(3) if view == 1 else values
        parts = []
        for network, side in zip(networks, SIDES, strict=True):
            sized = values if side == values.shape[3] else F.interpolate(values, (side, side), mode="bicubic")
            with torch.autocast(pixels.device.type, torch.bfloat16):
                maps = network.extract_features(sized.contiguous(memory_format=torch.channels_last))  # type: ignore[operator]
            parts += [
                10 * F.normalize(each, dim=1)
                for each in (maps.float().mean((2, 3)), maps.float().amax((2, 3)))
            ]
        out.append(torch.cat(parts, dim=1).half())
    return torch.cat(out)


def train_heads(
    views: Sequence[Tensor], sentences: Tensor, owner: Tensor, dev: tuple[Tensor, Tensor, Tensor],
    dim: int, journal: Journal,
) -> TeacherHeads:  # fmt: skip
    """Two linear heads on graded truth; `views` hold (n, inputs) each, `dev` features, sentences, owner."""
    torch.manual_seed(0)
    heads = TeacherHeads(dim, views[0].shape[1]).to(sentences.device)
    optimiser = torch.optim.AdamW(heads.parameters(), lr=RATE, weight_decay=0.1)
    batch = min(BATCH, len(sentences))
    steps = EPOCHS * (len(sentences) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    relevant = Relevance(sentences, owner)
    for epoch in range(EPOCHS):
        heads.train()
        for rows in torch.randperm(len(sentences), device=owner.device)[: steps // EPOCHS * batch].split(
            batch
        ):
            photos = owner[rows]
            seen = heads.embed_photos(views[int(torch.randint(len(views), (1,)))][photos].float())
            logits = heads.log_scale.exp() * heads.embed_captions(sentences[rows]) @ seen.T
            same = photos[:, None] == photos[None]
            loss = graded_cross_entropy(logits, same, relevant(rows, photos), SHARPNESS)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        heads.eval()
        if epoch % 5 == 4:
            with torch.inference_mode():
                captions, photos = heads.embed_captions(dev[1]), heads.embed_photos(dev[0].float())
            found = recall_at_k(captions.cpu(), photos.cpu(), dev[2].cpu().numpy())
            journal.write(stage="ensemble_heads", epoch=epoch, loss=round(loss.item(), 4), dev=found)
    return heads


@torch.inference_mode()
def mean_embeddings(heads: TeacherHeads, views: Sequence[Tensor]) -> Tensor:
    """The mean embedding of a photo's views, float32 (n, dim), unit L2 norm."""
    embedded = [heads.embed_photos(view.float()) for view in views]
    return F.normalize(torch.stack(embedded).mean(0), dim=-1)


@torch.inference_mode()
def turned_towards(embeddings: Tensor, own: Tensor) -> Tensor:
    """The rotation (dim, dim) that brings `embeddings` (n, dim) as near to `own` (n, dim) as a rotation can.

    What the teacher says about similarity stays, and the student need not learn new axes first.
    """
    left, _, right = torch.linalg.svd(embeddings.T.double() @ own.double())
    turn: Tensor = (left @ right).float()
    return turn
