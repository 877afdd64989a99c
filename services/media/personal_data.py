"""What media keep of a person: for their export, and for the erasure of their account."""

from __future__ import annotations

from collections.abc import Iterator

from services.common.partitions import items_of, wipe
from services.common.personal_data import PAGE, File, Source, Step, page_of, partition
from services.common.settings import settings
from services.media.adapter import MediaStorage
from services.media.model import public_folder, served_folder
from services.media.repository import MediaRepository

_media = MediaRepository()


def files_of(user_id: str) -> Iterator[File]:
    """The files that are served, as they are served: uploads are not kept."""
    bucket = MediaStorage(settings().require("bucket_media"))
    for item in items_of(_media.name, f"OWNER#{user_id}", index="gsi1"):
        for prefix in (public_folder(item["id"]), served_folder(item["id"])):
            for key in bucket.names(prefix):
                yield File(f"media/{item['id']}/{key.rpartition('/')[2]}", lambda key=key: bucket.chunks(key))  # type: ignore[misc]


def _erase(user_id: str) -> int:
    """The items; the collector follows each with its objects and CloudFront's copies."""
    items = page_of(items_of(_media.name, f"OWNER#{user_id}", index="gsi1"))
    for item in items:
        wipe(_media.name, str(item["pk"]), most=PAGE)
    return len(items)


EXPORT = (Source("media", partition("table_media", "OWNER", index="gsi1")),)
ERASURE = (Step("media", _erase),)
