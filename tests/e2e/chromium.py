"""Which Chromium drives the pages, and how it is started: alone, and speaking to nobody."""

from __future__ import annotations

import os
import shutil

CHROMIUM = os.environ.get("BRIDGELENS_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
