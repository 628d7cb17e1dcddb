"""What all tests share: no network.

Fixtures live with the tests that use them: `tests/model/conftest.py` makes checkpoints with random
weights, `tests/search/conftest.py` an encoder whose answers can be worked out by hand.
"""

from __future__ import annotations

import os

# Read once, when huggingface_hub is first imported: a test that asks for a checkpoint by its hub name gets
# the same answer with a network and without one.
os.environ["HF_HUB_OFFLINE"] = "1"
