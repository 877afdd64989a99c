"""Pictures of people and groups: they are public, so they get a path that needs no signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

from services.media.model import Kind, public_key, served_key

_THUMBNAIL = "thumb.webp"


class Photos(Protocol):
    """The repository, for public pictures."""

    def ready(self, owner_id: str, media_ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]: ...


class PictureObjects(Protocol):
    """The bucket, for public pictures."""

    def copy(self, source: str, target: str, content_type: str) -> None: ...


class Pictures:
    """Makes a photo public, in one size, when its owner chooses it as avatar or header."""

    def __init__(self, photos: Photos, objects: PictureObjects) -> None:
        self._photos = photos
        self._objects = objects

    def picture_url(self, owner_id: str, media_id: str, *, large: bool = False) -> str | None:
        """The public address of a ready photo of that owner, else ``None``: its thumbnail, or the largest WebP that
        there is (at most 2,048 pixels). Safe to run twice."""
        found = self._photos.ready(owner_id, [media_id]).get(media_id)
        if not found or found["kind"] != Kind.PHOTO or not found["thumbnailUrl"]:
            return None
        name, content_type = _largest(found) if large else (_THUMBNAIL, "image/webp")
        self._objects.copy(served_key(media_id, name), public_key(media_id, name), content_type)
        return "/" + public_key(media_id, name)


def _largest(photo: Mapping[str, Any]) -> tuple[str, str]:
    """Name and content type. A photo no larger than its thumbnail has no other size: then it is the original."""
    sizes = [one for one in photo.get("variants") or () if one["contentType"] == "image/webp"]
    url, content_type = (sizes[-1]["url"], "image/webp") if sizes else (photo["url"], photo["contentType"])
    return urlsplit(url).path.rpartition("/")[2], content_type


class ChatMedia:
    """The media library, for chat. The keeper keeps media that messages and groups show."""

    def __init__(self, photos: Photos, pictures: Pictures) -> None:
        self._photos = photos
        self._pictures = pictures

    def ready(self, owner_id: str, media_ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Media id → Media resource, for those that are this owner's and ready."""
        return self._photos.ready(owner_id, media_ids)

    def picture_url(self, owner_id: str, media_id: str) -> str | None:
        return self._pictures.picture_url(owner_id, media_id)
