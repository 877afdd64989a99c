"""What a push says, in the recipient's language."""

from __future__ import annotations

from typing import Any

from services.notifications.model import Notice, Type

_TEXTS: dict[str, dict[Type, str]] = {
    "en": {
        Type.FOLLOW: "{name} follows you",
        Type.LIKE: "{name} liked your post",
        Type.REPLY: "{name} replied to you",
        Type.MENTION: "{name} mentioned you",
        Type.MESSAGE: "Message from {name}",
        Type.MISSED_CALL: "Missed call from {name}",
    },
    "ja": {
        Type.FOLLOW: "{name}さんにフォローされました",
        Type.LIKE: "{name}さんが投稿に「いいね」しました",
        Type.REPLY: "{name}さんから返信がありました",
        Type.MENTION: "{name}さんがあなたに言及しました",
        Type.MESSAGE: "{name}さんからメッセージ",
        Type.MISSED_CALL: "{name}さんから不在着信",
    },
}
_SOMEBODY = {"en": "Somebody", "ja": "どなたか"}


def payload_of(notice: Notice, actor_name: str, locale: str) -> dict[str, Any]:
    """What the service worker shows: ``{title, body, url, tag}``; pushes of one ``tag`` replace each other."""
    language = "ja" if locale.lower().startswith("ja") else "en"
    name = actor_name or _SOMEBODY[language]
    return {
        "title": _TEXTS[language][notice.type].format(name=name),
        "body": notice.preview or "",
        "url": _url(notice),
        "tag": notice.group or notice.once,
    }


def _url(notice: Notice) -> str:
    if notice.subject.conversation_id:
        return f"/messages/{notice.subject.conversation_id}"
    if notice.subject.post_id:
        return f"/posts/{notice.subject.post_id}"
    return "/notifications"
