"""Write mini as a checkpoint folder that plain `from_pretrained` loads: one float16 file and its configs."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import BertTokenizer, BridgeTowerProcessor
from transformers.models.bridgetower.image_processing_pil_bridgetower import BridgeTowerImageProcessorPil

from model.typical_captions import TypicalCaptions, write_typical_captions
from training.mini import SIDE, Mini
from training.typical_captions import HUBNESS_SHARE
from training.views import MEAN, STD

ARCHITECTURE = "BridgeTowerForContrastiveLearning"
SECOND_LOOK = {"look_share": 0.75, "look_weight": 0.4}  # what did well on dev (decision 0028)
TIED = "mlm_score.decoder.weight"  # the word embeddings again, restored by `tie_word_embeddings`


def export(
    mini: Mini, tokenizer: BertTokenizer, folder: Path, similarity_weight: float = 0.0,
    typical: TypicalCaptions | None = None,
) -> None:  # fmt: skip
    """Write config, processor, weights and typical captions; existing files are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        name: value.detach().half().contiguous() for name, value in mini.state_dict().items() if name != TIED
    }
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)
    mini.config.architectures = [ARCHITECTURE]
    mini.config.dtype = torch.float16
    mini.config.save_pretrained(folder)
    edge = {"shortest_edge": SIDE}
    pixels = BridgeTowerImageProcessorPil(
        size=edge, crop_size=edge, image_mean=MEAN.tolist(), image_std=STD.tolist()
    )
    BridgeTowerProcessor(pixels, tokenizer).save_pretrained(folder)
    rerank = {"similarity_weight": similarity_weight, **SECOND_LOOK}
    if typical is not None:
        write_typical_captions(folder, typical)
        rerank["hubness_share"] = HUBNESS_SHARE
    settings = {"rerank": rerank}
    (folder / "bridgelens.json").write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
