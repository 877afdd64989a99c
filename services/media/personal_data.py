"""Media's data about a person: for their export, and for the erasure of their account."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from services.common.partitions import items_of, wipe
from services.common.personal_data import PAGE, File, PersonalData, Source, Step, page_of, partition
from services.media.adapter import MediaStorage
from services.media.model import public_folder, served_folder


def files_of(table: str, bucket_name: str) -> Callable[[str], Iterator[File]]:
    """Reads a person's served files; original uploads are not stored."""
    bucket = MediaStorage(bucket_name)

    def read(user_id: str) -> Iterator[File]:
        for item in items_of(table, f"OWNER#{user_id}", index="gsi1"):
            for prefix in (public_folder(item["id"]), served_folder(item["id"])):
                for key in bucket.names(prefix):
                    yield File(f"media/{item['id']}/{key.rpartition('/')[2]}", lambda key=key: bucket.chunks(key))  # type: ignore[misc]

    return read


def personal_data(table: str) -> PersonalData:
    def erase(user_id: str) -> int:
        """Deletes the items; the collector then deletes their objects and CloudFront's copies."""
        items = page_of(items_of(table, f"OWNER#{user_id}", index="gsi1"))
        for item in items:
            wipe(table, str(item["pk"]), most=PAGE)
        return len(items)

    return PersonalData(
        export=(Source("media", partition(table, "OWNER", index="gsi1")),), erasure=(Step("media", erase),)
    )
