"""Each part of a search can be taken away by itself."""

from tests.ui.test_search_address import ALL
from ui.search_parts import parts


def test_every_part_is_named_once_and_taking_all_away_leaves_the_caption() -> None:
    left, taken = ALL, []
    while found := list(parts(left)):
        words, left = found[0]
        taken.append(words)
    assert taken == [
        "also: a ball", "not: snow", "not: rain", "like photo 7", "versions of a photo apart",
        "in: /photos/2023", "camera: Canon EOS R5", "place: Bergen, Vestland, Norway",
        "tag: beach", "tag: dog", "photo", "raw", "from 2023-05-01",
        "to 2023-05-31", "within 10.5 km", "in a part of the map", "3 stars or more", "more than one copy",
    ]  # fmt: skip
    assert left == ALL.first_page(also=(), unwanted=(), like=None, fold=True, wanted=left.wanted)
    assert left.wanted == type(left.wanted)()
