import xml.etree.ElementTree as ElementTree

import pytest

from benchmarks.graph import HEIGHT, LEFT, TOP, WIDTH, decades, log_log, number, part

SVG = "{http://www.w3.org/2000/svg}"


def test_axes_go_from_a_power_of_ten_to_another() -> None:
    assert decades([1000, 2_000_000]) == range(3, 8)
    assert decades([0.3, 8]) == range(-1, 2)
    assert decades([10]) == range(1, 3)


@pytest.mark.parametrize(("value", "place"), [(1, 0), (10, 0.5), (100, 1)])
def test_a_value_s_place_on_an_axis(value: float, place: float) -> None:
    assert part(value, range(0, 3)) == pytest.approx(place)


def test_powers_of_ten_as_people_write_them() -> None:
    assert [number(power) for power in (-2, -1, 0, 6)] == ["0.01", "0.1", "1", "1,000,000"]


def test_a_line_goes_through_its_points() -> None:
    svg = ElementTree.fromstring(
        log_log("a < b", "photos", "ms", {"ours": [(100, 1), (1, 10)], "theirs": [(10, 100)]})
    )
    lines = [line.get("points") for line in svg.iter(f"{SVG}polyline")]
    assert lines == [
        f"{LEFT:.1f},{TOP + HEIGHT / 2:.1f} {LEFT + WIDTH:.1f},{TOP + HEIGHT:.1f}",
        f"{LEFT + WIDTH / 2:.1f},{TOP:.1f}",
    ]
    texts = [text.text for text in svg.iter(f"{SVG}text")]
    assert texts == ["a < b", "photos", "ms", "1", "10", "100", "1", "10", "100", "ours", "theirs"]
