"""What a library folder keeps of its photos beside the rows, and can do without: thumbnails and pixels."""

from collections.abc import Sequence
from pathlib import Path

from storage.bounds import PIXEL_BYTES
from storage.catalog import Catalog
from storage.opening import PIXELS, THUMBNAILS
from storage.photo_cache import PhotoCache
from storage.pixel_cache import PixelCache
from storage.records import ModelRef

_NO_MODEL = ModelRef("", "", 0)


class Caches:
    """Both caches of one library, made when they are needed; no backup has them."""

    def __init__(self, folder: Path, pixel_bytes: int = PIXEL_BYTES) -> None:
        """`pixel_bytes` is the bound of the pixels; 0 keeps none."""
        self.thumbnails = PhotoCache(folder / THUMBNAILS)
        self._pixels = PhotoCache(folder / PIXELS, pixel_bytes)
        self.pixels = PixelCache(self._pixels)
        self._pixel_bytes = pixel_bytes

    def files(self) -> tuple[PhotoCache, PhotoCache]:
        """Each as a file."""
        return self.thumbnails, self._pixels

    def discard_unwanted(self) -> None:
        """Delete the pixels of before when none are to be kept."""
        if self._pixel_bytes == 0:
            self._pixels.discard()

    def forget_strangers(self, catalog: Catalog) -> int:
        """Let go of what belongs to no photo of the library; how many things that were."""
        forgotten = 0
        for cache in self.files():
            entries = strangers(cache, catalog)
            if entries:
                cache.remove(entries)
            forgotten += len(entries)
        return forgotten

    def close(self) -> None:
        """Close both."""
        for cache in self.files():
            cache.close()


def strangers(cache: PhotoCache, catalog: Catalog) -> list[int]:
    """The entries of contents that the catalog has no photo of."""

    def known(hashes: Sequence[str]) -> set[str]:
        return set(catalog.photo_ids_by_hash(hashes, _NO_MODEL))

    return cache.strangers(known)
