"""Checks of what a library keeps of its photos and can make again: thumbnails and pixels."""

from collections.abc import Iterator

from storage.caches import Caches, strangers
from storage.catalog import Catalog
from storage.finding import Examined, Finding, mended
from storage.photo_cache import PhotoCache


def caches(library: Examined) -> Iterator[Finding]:
    """Each is a whole file, of photos that the library has; what is not, is deleted and made again."""
    kept, catalog = Caches(library.folder), Catalog(library.database)
    faults = False
    try:
        for cache in kept.files():
            if (problem := _fault(cache, catalog, repair=library.repair)) is not None:
                faults = True
                yield mended("caches", problem, repaired=library.repair)
    finally:
        kept.close()
    if not faults:
        yield Finding("caches", "ok", "thumbnails and pixels are whole, and of photos that are known")


def _fault(cache: PhotoCache, catalog: Catalog, *, repair: bool) -> str | None:
    if (damage := cache.damage()) is not None:
        if repair:
            cache.discard()
        return f"{cache.path.name} is damaged ({damage}): deleted, to be made again"
    entries = strangers(cache, catalog)
    if not entries:
        return None
    if repair:
        cache.remove(entries)
    return f"{cache.path.name} has {len(entries):,} things of photos that were forgotten: deleted"
