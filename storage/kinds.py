"""What a file is, by its format: a photo, a RAW photo, or a video."""

from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["photo", "raw", "video"]
KINDS: tuple[Kind, ...] = ("photo", "raw", "video")

# A decoder that reads one of these gives the suffix as the format, in capitals and without the dot.
RAW_FORMATS = (
    "3FR", "ARW", "CR2", "CR3", "CRW", "DCR", "DNG", "ERF", "FFF", "IIQ", "KDC", "MEF", "MOS",
    "MRW", "NEF", "NRW", "ORF", "PEF", "RAF", "RW2", "RWL", "SR2", "SRF", "SRW", "X3F",
)  # fmt: skip
VIDEO_FORMATS = (
    "3G2", "3GP", "AVI", "M2TS", "M4V", "MKV", "MOV", "MP4", "MPEG", "MPG", "MTS", "WEBM", "WMV",
)  # fmt: skip
