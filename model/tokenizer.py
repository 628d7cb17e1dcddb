"""The tokenizer that comes with a checkpoint."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from transformers import BridgeTowerProcessor

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
