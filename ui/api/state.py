"""The routes about the server itself: whether it answers, which version it is, and what its library holds."""

from __future__ import annotations

from fastapi import APIRouter

from ui.api.models import EmbeddingModel, Health, Status
from ui.api.parts import ServiceOf
from ui.own_version import own_version

router = APIRouter(tags=["state"])


@router.get("/health", summary="Whether the server answers")
def health() -> Health:
    """Whether the server answers; it needs no token."""
    return Health()


@router.get("/status", summary="What the library holds")
def status(service: ServiceOf) -> Status:
    """What the library holds."""
    found = service.library().status()
    return Status(
        version=own_version(),
        library=str(service.settings.library),
        photos=found.photos,
        files=found.files,
        missing_files=found.missing_files,
        failures=found.failures,
        roots=list(found.roots),
        models=[
            EmbeddingModel(name=ref.name, fingerprint=ref.fingerprint, embedded=embedded)
            for ref, embedded in found.models
        ],
        active_model=None if found.active_model is None else found.active_model.fingerprint,
        size_bytes=found.size_bytes,
        last_run_ended_at=None if found.last_run is None else found.last_run.ended_at,
    )
