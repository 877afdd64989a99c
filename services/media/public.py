"""What other contexts may use of media."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.media.adapter import MediaStorage
from services.media.personal_data import files_of, personal_data
from services.media.pictures import ChatMedia, Pictures
from services.media.repository import MediaRepository
from services.media.resources import to_resource

if TYPE_CHECKING:
    from services.common.http import Router

__all__ = ["MediaRepository", "chat_media", "files_of", "media_router", "personal_data", "pictures", "to_resource"]


def media_router(table_media: str, bucket_media: str, public_endpoint: str) -> Router:
    """The routes of media, which the post function serves."""
    # Here, because no other function needs its request models at cold start.
    from services.media.api import build_router
    from services.media.commands import MediaCommands
    from services.media.uploads import Uploads

    media, bucket = MediaRepository(table_media), MediaStorage(bucket_media, public_endpoint)
    return build_router(MediaCommands(media, bucket), Uploads(media, bucket))


def pictures(table_media: str, bucket_media: str) -> Pictures:
    """Pictures of people, which everybody may see."""
    return Pictures(MediaRepository(table_media), MediaStorage(bucket_media))


def chat_media(table_media: str, bucket_media: str) -> ChatMedia:
    """Media as messages and groups use them."""
    return ChatMedia(MediaRepository(table_media), pictures(table_media, bucket_media))
