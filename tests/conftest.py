"""What all tests share: no network, one thread a process, and an interrupt that interrupts.

Fixtures live with the tests that use them: `tests/model/conftest.py` makes checkpoints with random
weights, `tests/search/conftest.py` an encoder whose answers can be worked out by hand.
"""

from __future__ import annotations

import os
import signal

# Read once, when huggingface_hub is first imported: a test that asks for a checkpoint by its hub name gets
# the same answer with a network and without one.
os.environ["HF_HUB_OFFLINE"] = "1"

# Read once, when torch is first imported, here and in every child. There is a process of tests for each core,
# and torch's threads wait for one another busily: two take up to ten times the processor time of one.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell starts background jobs with SIGINT ignored, and every child inherits that: Ctrl-C would do nothing.
signal.signal(signal.SIGINT, signal.default_int_handler)
