import pytest

from indexer.errors import PhotoUnreadable
from indexer.pixel_limit import refuse_too_large


def test_three_hundred_megapixels_are_read_and_no_more() -> None:
    refuse_too_large("a.jpg", 20_000, 15_000)
    with pytest.raises(
        PhotoUnreadable, match="too large: 20,000 x 15,001 is 300 megapixels, the limit is 300"
    ):
        refuse_too_large("a.jpg", 20_000, 15_001)
