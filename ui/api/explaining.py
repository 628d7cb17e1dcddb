"""The routes that say why a photo of the library matches a caption: word by word, and as a heat map."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

import anyio
from fastapi import APIRouter, Query, Response

from ui.api.ask import Caption
from ui.api.models import HeatMap, MappedExplanation
from ui.api.parts import ServiceOf
from ui.heat_map import is_illustrative

router = APIRouter(prefix="/photos/{photo_id}", tags=["photos"])
Explained = Annotated[Caption, Query(description="What the photo shows, or does not, in English.")]


@router.get("/explanation", summary="Why it matches a caption")
async def explanation(photo_id: int, caption: Explained, service: ServiceOf) -> MappedExplanation:
    """What each word of a caption adds to its match with the photo, and where the heat map is."""
    photo = await anyio.to_thread.run_sync(service.photo, photo_id)
    evidence = await service.explain(photo, caption)
    model = await anyio.to_thread.run_sync(service.model)
    heat_map = HeatMap(
        url=f"/photos/{photo_id}/heat-map.png?{urlencode({'caption': evidence.caption})}",
        illustrative=is_illustrative(model),
    )
    return MappedExplanation.of(evidence, heat_map=heat_map)


@router.get(
    "/heat-map.png", summary="Where in the photo the match comes from",
    response_class=Response, responses={200: {"content": {"image/png": {}}}},
)  # fmt: skip
async def heat_map(photo_id: int, caption: Explained, service: ServiceOf) -> Response:
    """The photo, 1,600 pixels at most, with where its match with the whole caption comes from: PNG.

    The hottest place is yellow, lesser ones red and blue; what the model does not see is dark and grey.
    """
    photo = await anyio.to_thread.run_sync(service.photo, photo_id)
    return Response(await service.heat_map(photo, caption), media_type="image/png")
