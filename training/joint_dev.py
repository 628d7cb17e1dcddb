"""Dev during the joint stage: the towers alone, ITM alone, and the re-rank of both at the best weight."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from model import forward
from model.forward import TowerStates
from training import fusion
from training.contrastive import embed_caption_cls
from training.joint import JointData, whole_layers
from training.mini import Mini

SHORTLIST = 24
WEIGHTS = (5.0, 10.0, 20.0, 40.0, 70.0, 100.0, 200.0, 400.0)  # log-odds a unit of cosine
AT_ONCE = 250  # photos, and captions


class JointDev:
    """recall@k on dev: `every` so many captions, all photos."""

    def __init__(self, data: JointData, every: int = 5) -> None:
        self._data, self._rows = data, torch.arange(0, len(data.ids), every, device=data.ids.device)

    @torch.no_grad()
    def recall(self, module: nn.Module) -> dict[str, float]:
        """R@1/5/10 by similarity, R@1/5/10 by ITM alone, and of both with the weight that finds most."""
        mini: Mini = module  # type: ignore[assignment]
        with torch.autocast(self._data.ids.device.type, torch.bfloat16):
            photos, states = self.photos(mini)
            captions, odds, shortlist = self.matched(mini, photos, states)
        similarity = captions @ photos.T
        owner = self._data.owner[self._rows]
        kept = similarity.gather(1, shortlist)
        found = {"similarity": found_at(kept, shortlist, owner), "itm": found_at(odds, shortlist, owner)}
        both = {weight: found_at(odds + weight * kept, shortlist, owner) for weight in WEIGHTS}
        best = max(both, key=lambda weight: sum(both[weight]))
        out = {**found, "both": both[best]}
        named = {
            f"{name}@{k}": value
            for name, ranks in out.items()
            for k, value in zip((1, 5, 10), ranks, strict=True)
        }
        return {**named, "weight": best, **{f"both@1, {weight:g}": both[weight][0] for weight in WEIGHTS}}

    def photos(self, mini: Mini) -> tuple[Tensor, TowerStates]:
        """Embeddings (n, dim) and fusion's part of all photos as they are."""
        embeddings, parts = [], []
        for pixels in self._data.pixels.split(AT_ONCE):
            layers = whole_layers(mini, pixels)
            embeddings.append(fusion.embed_photo_cls(mini, layers[-1][:, 0]))
            parts.append(forward.bridge_photos(mini.bridgetower, layers))
        return torch.cat(embeddings), parts[0].join(parts[1:])

    def matched(self, mini: Mini, photos: Tensor, states: TowerStates) -> tuple[Tensor, Tensor, Tensor]:
        """Embeddings of captions (m, dim), and log-odds of their shortlists, int64 (m, 24)."""
        found: list[tuple[Tensor, ...]] = []
        for rows in self._rows.split(AT_ONCE):
            ids = self._data.ids[rows]
            ids = ids[:, : int((ids != 0).sum(1).max())]
            mask = (ids != 0).long()
            layers = forward.caption_layers(mini.bridgetower, ids, mask)
            captions = embed_caption_cls(mini, layers[-1][:, 0])
            shortlist = (captions @ photos.T).topk(min(SHORTLIST, len(photos))).indices
            part = forward.bridge_captions(mini.bridgetower, layers, mask)
            each = torch.arange(len(rows), device=rows.device).repeat_interleave(shortlist.shape[1])
            odds = fusion.log_odds(mini, states.select(shortlist.flatten()), part.select(each))[0]
            found.append((captions, odds.float().view_as(shortlist), shortlist))
        captions, odds, shortlist = (torch.cat(each) for each in zip(*found, strict=True))
        return captions, odds, shortlist


def found_at(scores: Tensor, shortlist: Tensor, owner: Tensor) -> list[float]:
    """Percent of the captions whose photo is among the first 1, 5 and 10 of their shortlist."""
    order = shortlist.gather(1, scores.argsort(1, descending=True))
    found = (order == owner[:, None]).float()
    return [round(100 * float(found[:, :k].sum(1).mean()), 2) for k in (1, 5, 10)]
