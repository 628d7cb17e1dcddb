"""The tokenizer that comes with a checkpoint, and captions as its token ids."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import Tensor
from transformers import BridgeTowerProcessor

from model.device import send
from model.errors import CheckpointInvalid

VOCABULARIES = ("tokenizer.json", "vocab.json", "vocab.txt")


def load_tokenizer(folder: Path) -> Any:
    """Hugging Face's tokenizer from a checkpoint folder, through its own processor.

    Raises:
        CheckpointInvalid: its files are missing or broken.
    """
    # Where none of these is there, transformers makes a tokenizer without words and says nothing.
    if not any((folder / name).is_file() for name in VOCABULARIES):
        raise CheckpointInvalid(f"{folder}: expected one of {', '.join(VOCABULARIES)}, found no tokenizer")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # the indexer's threads would make it warn
    try:
        return BridgeTowerProcessor.from_pretrained(folder).tokenizer
    except Exception as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise CheckpointInvalid(f"{folder}: its processor cannot be loaded ({reason})") from error


class CaptionTokens:
    """Captions as token ids, never more than the text tower takes. Safe to call from several threads."""

    def __init__(self, tokenizer: Any, longest: int, device: str) -> None:
        """`longest` is how many tokens the text tower takes."""
        self.longest = longest
        self._tokenizer, self._device = tokenizer, device
        # Truncation is a state of the tokenizer, which a call in another thread would change meanwhile.
        self._lock = threading.Lock()

    def __call__(self, captions: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Token ids and attention mask, int64 (n, tokens) each, padded to the longest caption."""
        with self._lock:
            tokens = self._tokenizer(
                list(captions), padding=True, truncation=True, max_length=self.longest, return_tensors="pt"
            )
        return send(tokens["input_ids"], self._device), send(tokens["attention_mask"], self._device)

    def are_too_many(self, caption: str) -> bool:
        """Whether the caption is longer than the text tower takes."""
        with self._lock:
            return len(self._tokenizer(caption, truncation=False, verbose=False)["input_ids"]) > self.longest
