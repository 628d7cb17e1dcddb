"""How a route gets at the service that the app was made with."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from ui.service import Service


def _service(request: Request) -> Service:
    service = request.app.state.service
    assert isinstance(service, Service)
    return service


ServiceOf = Annotated[Service, Depends(_service)]
