"""The link from a tile to its photo's page."""

from ui.web_pages.photo_tiles import photo_link


def test_a_link_names_photo_caption_and_neighbours() -> None:
    assert photo_link(7, "a dog & <b>", [3, 7]) == "photo?id=7&q=a+dog+%26+%3Cb%3E&among=3,7"
    assert photo_link(7, "", [7]) == "photo?id=7&among=7"
