"""The app: its routes, its page at /docs that needs no network, and what stands before them."""

from __future__ import annotations

from fastapi import Depends, FastAPI
from fastapi.security import HTTPBearer
from fastapi_offline import FastAPIOffline
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from ui.api import counting, explaining, photos, searching, state
from ui.api.access import Access, Guard
from ui.api.models import Refusal
from ui.api.refusals import refuse_in_json
from ui.own_version import own_version
from ui.service import Service

REFUSALS = (401, 404, 413, 422, 503)
DESCRIPTION = (
    "Type a caption, find the photo. No request leaves the machine that this runs on. "
    "What is refused is `{error, next}`: what was found, and what to do about it."
)


def create_app(service: Service, access: Access) -> FastAPI:
    """The API over an open service, for those whom `access` lets in."""
    app = FastAPIOffline(
        title="bridgelens",
        version=own_version(),
        description=DESCRIPTION,
        redoc_url=None,
        # Swagger would send the schema to a validator of its makers.
        swagger_ui_parameters={"validatorUrl": None},
    )
    app.state.service = service
    # Checked by `Guard`; here it gives the page at /docs a place to type the token.
    shown = [Depends(HTTPBearer(auto_error=False))] if access.token is not None else []
    refusals = {status: {"model": Refusal} for status in REFUSALS}
    for router in (searching.router, photos.router, explaining.router, counting.router, state.router):
        app.include_router(router, dependencies=shown, responses=refusals)  # type: ignore[arg-type]
    refuse_in_json(app)
    # The last is the first that a request meets.
    app.add_middleware(Guard, access=access)
    if access.origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=access.origins, allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type"],
        )  # fmt: skip
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=access.hosts)
    return app
