from __future__ import annotations

import pytest

from indexer.xmp import MOST_KEYWORDS, read_xmp, stars
from storage.records import Description

PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:MicrosoftPhoto="http://ns.microsoft.com/photo/1.0/" {attributes}>
{elements}
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def packet(elements: str = "", attributes: str = "") -> bytes:
    return PACKET.format(elements=elements, attributes=attributes).encode()


ALL = packet(
    """<dc:description><rdf:Alt><rdf:li xml:lang="de">Oma</rdf:li>
    <rdf:li xml:lang="x-default">Grandma &amp; the cake</rdf:li></rdf:Alt></dc:description>
    <dc:title><rdf:Alt><rdf:li xml:lang="x-default">DSC_1</rdf:li></rdf:Alt></dc:title>
    <dc:subject><rdf:Bag><rdf:li>family</rdf:li><rdf:li> birth  day</rdf:li><rdf:li>family</rdf:li></rdf:Bag>
    </dc:subject>""",
    'xmp:Rating="4"',
)


def test_caption_keywords_and_rating() -> None:
    assert read_xmp(ALL) == Description("Grandma & the cake", ("family", "birth day"), 4)


def test_padding_is_no_part_of_the_packet() -> None:
    assert read_xmp(b"\0\n" + ALL + b"  \n" * 99 + b"\0\0").rating == 4


def test_a_title_where_there_is_no_description() -> None:
    title = "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>The cake</rdf:li></rdf:Alt></dc:title>"
    empty = "<dc:description><rdf:Alt><rdf:li xml:lang='x-default'/></rdf:Alt></dc:description>"
    assert read_xmp(packet(title + empty)).caption == "The cake"


@pytest.mark.parametrize(
    ("elements", "attributes", "rating"),
    [
        ("<xmp:Rating>3</xmp:Rating>", "", 3),
        ("", 'xmp:Rating="-1"', -1),
        ("", 'xmp:Rating="0"', 0),
        ("", 'xmp:Rating="5.0"', 5),
        ("", 'xmp:Rating="6"', None),
        ("", 'xmp:Rating="good"', None),
        ("<MicrosoftPhoto:Rating>75</MicrosoftPhoto:Rating>", "", 4),
        ("<MicrosoftPhoto:Rating>75</MicrosoftPhoto:Rating>", 'xmp:Rating="2"', 2),
        ("", "", None),
    ],
)
def test_ratings(elements: str, attributes: str, rating: int | None) -> None:
    assert read_xmp(packet(elements, attributes)).rating == rating


def test_lines_stay_and_control_characters_go() -> None:
    text = "<dc:description>one \ntwo\u202e\u0085three</dc:description>"
    assert read_xmp(packet(text)).caption == "one\ntwo\nthree"


def test_there_is_an_end_to_keywords() -> None:
    items = "".join(f"<rdf:li>{number}</rdf:li>" for number in range(MOST_KEYWORDS + 5))
    assert (
        len(read_xmp(packet(f"<dc:subject><rdf:Bag>{items}</rdf:Bag></dc:subject>")).keywords)
        == MOST_KEYWORDS
    )


BOMB = b"""<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY c "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<x xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:description>&c;</dc:description></x>"""
STRANGER = b"""<!DOCTYPE b [<!ENTITY f SYSTEM "file:///etc/passwd">]>
<x xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:description>&f;</dc:description></x>"""


@pytest.mark.parametrize("broken", [b"", b"\xff\xd8\xff", b"<x>", ALL[:-200], BOMB, STRANGER])
def test_broken_and_hostile_xml_says_nothing(broken: bytes) -> None:
    assert read_xmp(broken) == Description()


@pytest.mark.parametrize(("text", "rating"), [("nan", None), ("", None), (None, None), ("2.6", 3)])
def test_stars(text: str | None, rating: int | None) -> None:
    assert stars(text) == rating
