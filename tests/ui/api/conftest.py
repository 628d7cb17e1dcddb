"""The API over a library of three photos of one colour, asked without a network by Starlette's own client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from ui.api.access import Access
from ui.api.app import create_app
from ui.service import Service
from ui.settings import Settings

Client = Callable[..., TestClient]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "library", "colours", "cpu")


@pytest.fixture
def client_of(settings: Settings, encoder: object) -> Iterator[Client]:
    """Makes a client of the API for those whom an `Access` lets in."""
    with ExitStack() as stack:

        def client(access: Access | None = None, **options: Any) -> TestClient:
            service = stack.enter_context(Service(settings))
            app = create_app(service, access or Access())
            return stack.enter_context(TestClient(app, base_url="http://127.0.0.1:8502", **options))

        yield client


@pytest.fixture
def client(client_of: Client, indexed: object) -> TestClient:
    """A client on this machine, with the three photos indexed."""
    return client_of()
