"""What a click or a rectangle on the map makes of the filter, by hand."""

from storage.facets import Facets
from storage.filters import Box, Filter
from ui.web_pages.place_map import as_dots, changed, in_words

BERGEN, ROME = "Bergen, Vestland, Norway", "Rome, Lazio, Italy"
FACETS = Facets(
    photos=3, folders=(), months=(), cameras=(), places=((ROME, 2), (BERGEN, 1)),
    ratings=(), kinds=(), tags=(),
    positions={BERGEN: (60.4, 5.3), ROME: (41.9, 12.5), "Suva, Central, Fiji": (-18.1, 178.4)},
)  # fmt: skip


def clicked(place: str) -> dict[str, object]:
    return {"dot": [{"place": place}], "rectangle": {}}


def test_a_click_chooses_a_place_and_another_takes_it_off() -> None:
    one = changed(clicked(ROME), Filter(rating=3))
    assert one == Filter(rating=3, places=(ROME,))
    both = changed(clicked(BERGEN), one)
    assert both == Filter(rating=3, places=(ROME, BERGEN))
    assert changed(clicked(ROME), both) == Filter(rating=3, places=(BERGEN,))


def test_a_rectangle_is_a_box_whichever_way_it_was_drawn() -> None:
    drawn = {"dot": [], "rectangle": {"longitude": [20.004, 5.0], "latitude": [-95.0, 60.126]}}
    assert changed(drawn, Filter(places=(ROME,))) == Filter(places=(ROME,), box=Box(-90, 5, 60.13, 20))


def test_a_rectangle_that_is_given_up_is_taken_off() -> None:
    assert changed({"dot": [], "rectangle": {}}, Filter(box=Box(0, 0, 1, 1))) == Filter()
    assert changed({}, Filter(places=(ROME,))) is None


def test_places_with_photos_are_dots() -> None:
    dots = as_dots(FACETS, Filter(places=(BERGEN,)))
    assert [(dot["place"], dot["photos"], dot["chosen"], dot["latitude"]) for dot in dots] == [
        (ROME, 2, False, 41.9),
        (BERGEN, 1, True, 60.4),
    ]
    assert in_words(dots).startswith(f"A map of 2 places with photos; most are of: {ROME} 2, {BERGEN} 1.")
