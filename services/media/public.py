"""What other contexts may use of media."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.common.http import Router
from services.media.adapter import MediaStorage
from services.media.model import public_folder, served_folder
from services.media.pictures import ChatMedia, Pictures
from services.media.repository import MediaRepository

if TYPE_CHECKING:
    from services.common.http import Router

__all__ = ["MediaRepository", "chat_media", "media_router", "pictures", "public_folder", "served_folder"]


def media_router() -> Router:
    """The routes of media, which the post function serves."""
    # Here, because no other function needs its request models at cold start.
    from services.media.api import build_router
    from services.media.commands import MediaCommands
    from services.media.uploads import Uploads

    media, bucket = MediaRepository(), MediaStorage()
    return build_router(MediaCommands(media, bucket), Uploads(media, bucket))


def pictures() -> Pictures:
    """Pictures of people, which everybody may see."""
    return Pictures(MediaRepository(), MediaStorage())


def chat_media() -> ChatMedia:
    """Media as messages and groups use them."""
    return ChatMedia(MediaRepository(), pictures())
