"""What a push says, in the recipient's language."""

from __future__ import annotations

from typing import Any, Literal

from services.notifications.model import Notice, Type

Language = Literal["en", "ja"]
_TEXTS: dict[Language, dict[Type, str]] = {
    "en": {
        Type.MENTION: "{name} mentioned you",
        Type.REPLY: "{name} replied to you",
        Type.QUOTE: "{name} quoted your post",
        Type.REPOST: "{name} reposted your post",
        Type.LIKE: "{name} liked your post",
        Type.REACTION: "{name} reacted {detail} to your post",
        Type.FOLLOW: "{name} follows you",
        Type.FOLLOW_REQUEST: "{name} would like to follow you",
        Type.FOLLOW_ACCEPTED: "{name} accepted your follow request",
        Type.MESSAGE: "Message from {name}",
        Type.MISSED_CALL: "Missed call from {name}",
        Type.POLL_ENDED: "A poll by {name} has ended",
        Type.SCHEDULED_POST: "Your scheduled post was published",
        Type.MODERATION: "A decision of the moderators",
    },
    "ja": {
        Type.MENTION: "{name}さんがあなたをメンションしました",
        Type.REPLY: "{name}さんから返信がありました",
        Type.QUOTE: "{name}さんがあなたの投稿を引用しました",
        Type.REPOST: "{name}さんがあなたの投稿をリポストしました",
        Type.LIKE: "{name}さんが投稿に「いいね」しました",
        Type.REACTION: "{name}さんが投稿に{detail}でリアクションしました",
        Type.FOLLOW: "{name}さんにフォローされました",
        Type.FOLLOW_REQUEST: "{name}さんからフォローリクエストが届きました",
        Type.FOLLOW_ACCEPTED: "{name}さんがフォローリクエストを承認しました",
        Type.MESSAGE: "{name}さんからメッセージ",
        Type.MISSED_CALL: "{name}さんから不在着信",
        Type.POLL_ENDED: "{name}さんのアンケートが終了しました",
        Type.SCHEDULED_POST: "予約した投稿を公開しました",
        Type.MODERATION: "モデレーターからのお知らせ",
    },
}
#: What the detail of a notice changes.
_SPECIAL: dict[Language, dict[tuple[Type, str], str]] = {
    "en": {
        (Type.MESSAGE, "mention"): "{name} mentioned you in a chat",
        (Type.MESSAGE, "request"): "{name} would like to write to you",
        (Type.MESSAGE, "added"): "{name} added you to a group",
        (Type.SCHEDULED_POST, "failed"): "Your scheduled post could not be published",
        (Type.POLL_ENDED, "own"): "Your poll has ended",
    },
    "ja": {
        (Type.MESSAGE, "mention"): "{name}さんがチャットであなたをメンションしました",
        (Type.MESSAGE, "request"): "{name}さんからメッセージリクエスト",
        (Type.MESSAGE, "added"): "{name}さんがあなたをグループに追加しました",
        (Type.SCHEDULED_POST, "failed"): "予約した投稿を公開できませんでした",
        (Type.POLL_ENDED, "own"): "あなたのアンケートが終了しました",
    },
}
_SOMEBODY: dict[Language, str] = {"en": "Somebody", "ja": "どなたか"}
_TEST: dict[Language, tuple[str, str]] = {
    "en": ("This is a test", "Notifications reach this device."),
    "ja": ("テスト通知です", "この端末に通知が届きます。"),
}


def payload_of(notice: Notice, actor_name: str, locale: str) -> dict[str, Any]:
    """What the service worker shows: ``{title, body, url, tag}``; pushes of one ``tag`` replace each other."""
    language = _language(locale)
    special = _SPECIAL[language].get((notice.type, notice.detail or ""))
    title = (special or _TEXTS[language][notice.type]).format(
        name=actor_name or _SOMEBODY[language], detail=notice.detail or ""
    )
    return {
        "title": title,
        "body": notice.preview or notice.excerpt or "",
        "url": _url(notice),
        "tag": notice.group or notice.once,
    }


def test_payload(event_id: str, locale: str) -> dict[str, Any]:
    """A push that only says that pushes arrive."""
    title, body = _TEST[_language(locale)]
    return {"title": title, "body": body, "url": "/settings/notifications", "tag": f"test#{event_id}"}


def _language(locale: str) -> Language:
    return "ja" if locale.lower().startswith("ja") else "en"


def _url(notice: Notice) -> str:
    """The page that the notification in the app leads to, too."""
    subject = notice.subject
    if notice.type is Type.MODERATION:
        return "/notifications"
    if subject.conversation_id:
        return f"/messages/{subject.conversation_id}"
    return f"/posts/{subject.post_id}" if subject.post_id else "/notifications"
