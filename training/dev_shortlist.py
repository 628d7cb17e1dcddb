"""How well the re-rank does on dev while fusion learns, and how much the similarity should weigh in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import nn
from transformers import BertTokenizer

from search.evaluate import ranks, recall, reranked
from training import fusion
from training.contrastive import embed_captions
from training.mini import Mini
from training.photos import CaptionedPhotos

SHORTLIST = 100
WEIGHTS = (0.0, 10.0, 20.0, 40.0, 60.0, 100.0, 200.0, 400.0)  # log-odds a unit of cosine, tried on dev


class DevShortlist:
    """A sample of dev captions with the shortlists that the finished towers give them."""

    def __init__(
        self, mini: Mini, tokenizer: BertTokenizer, dev: CaptionedPhotos, features: NDArray[np.float16],
        captions: int = 240,
    ) -> None:  # fmt: skip
        self._tokenizer = tokenizer
        self._layers = fusion.cache_photo_layers(mini, features)
        rows = np.random.default_rng(0).choice(len(dev.captions), captions, replace=False)
        self._texts = [dev.captions[row] for row in rows]
        self._owner = dev.photo_of_caption[rows]
        photos = fusion.embed_layers(mini, self._layers)
        self._similarity = embed_captions(mini, tokenizer, self._texts) @ photos.T
        self._shortlist = self._similarity.topk(SHORTLIST).indices

    def recall(self, module: nn.Module) -> dict[str, float]:
        """recall@k of the re-ranked shortlist, at the best similarity weight, beside contrastive alone."""
        by_weight = self._by_weight(module, every=4)
        weight = max(by_weight, key=lambda each: by_weight[each]["recall@1"])
        alone = recall(ranks(self._similarity[::4].numpy(), self._owner[::4]))
        return {**by_weight[weight], "similarity_weight": weight, "itm_alone@1": by_weight[0.0]["recall@1"],
                "contrastive@1": alone["recall@1"], "contrastive@10": alone["recall@10"]}  # fmt: skip

    def best_weight(self, module: nn.Module) -> tuple[float, dict[float, dict[str, float]]]:
        """The similarity weight with the best sum of recalls, and the recalls of every weight tried."""
        by_weight = self._by_weight(module, every=1)
        return max(by_weight, key=lambda weight: sum(by_weight[weight].values())), by_weight

    def _by_weight(self, module: nn.Module, every: int) -> dict[float, dict[str, float]]:
        shortlist, owner = self._shortlist[::every], self._owner[::every]
        odds = fusion.shortlist_log_odds(
            module,  # type: ignore[arg-type]
            self._tokenizer,
            self._layers,
            self._texts[::every],
            shortlist,
        )
        found = {}
        for weight in WEIGHTS:
            judged = odds + weight * self._similarity[::every].gather(1, shortlist)
            scores = reranked(self._similarity[::every].numpy(), shortlist.numpy(), judged.numpy())
            found[weight] = recall(ranks(scores, owner))
        return found
