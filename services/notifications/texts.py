"""Texts of pushes, in the recipient's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from services.common.text import isolated
from services.notifications.model import Notice, NotificationType

Language = Literal["en", "ja"]
_TEXTS: dict[Language, dict[NotificationType, str]] = {
    "en": {
        NotificationType.MENTION: "{who} mentioned you",
        NotificationType.REPLY: "{who} replied to you",
        NotificationType.QUOTE: "{who} quoted your post",
        NotificationType.REPOST: "{who} reposted your post",
        NotificationType.LIKE: "{who} liked your post",
        NotificationType.REACTION: "{who} reacted {detail} to your post",
        NotificationType.FOLLOW: "{who} followed you",
        NotificationType.FOLLOW_REQUEST: "{who} would like to follow you",
        NotificationType.FOLLOW_ACCEPTED: "{who} accepted your follow request",
        NotificationType.MESSAGE: "Message from {who}",
        NotificationType.MISSED_CALL: "Missed call from {who}",
        NotificationType.POLL_ENDED: "A poll by {who} has ended",
        NotificationType.SCHEDULED_POST: "Your scheduled post was published",
        NotificationType.MODERATION: "A decision of the moderators",
        NotificationType.LIVE: "{who} is live",
    },
    "ja": {
        NotificationType.MENTION: "{who}があなたをメンションしました",
        NotificationType.REPLY: "{who}から返信がありました",
        NotificationType.QUOTE: "{who}があなたの投稿を引用しました",
        NotificationType.REPOST: "{who}があなたの投稿をリポストしました",
        NotificationType.LIKE: "{who}が投稿に「いいね」しました",
        NotificationType.REACTION: "{who}が投稿に{detail}でリアクションしました",
        NotificationType.FOLLOW: "{who}にフォローされました",
        NotificationType.FOLLOW_REQUEST: "{who}からフォローリクエストが届きました",
        NotificationType.FOLLOW_ACCEPTED: "{who}がフォローリクエストを承認しました",
        NotificationType.MESSAGE: "{who}からメッセージ",
        NotificationType.MISSED_CALL: "{who}から不在着信",
        NotificationType.POLL_ENDED: "{who}のアンケートが終了しました",
        NotificationType.SCHEDULED_POST: "予約した投稿を公開しました",
        NotificationType.MODERATION: "モデレーターからのお知らせ",
        NotificationType.LIVE: "{who}がライブ配信を始めました",
    },
}
#: Variants of the text by the detail of a notice.
_SPECIAL: dict[Language, dict[tuple[NotificationType, str], str]] = {
    "en": {
        (NotificationType.MESSAGE, "mention"): "{who} mentioned you in a chat",
        (NotificationType.MESSAGE, "request"): "{who} would like to write to you",
        (NotificationType.MESSAGE, "added"): "{who} added you to a group",
        (NotificationType.SCHEDULED_POST, "failed"): "Your scheduled post could not be published",
        (NotificationType.POLL_ENDED, "own"): "Your poll has ended",
        (NotificationType.MISSED_CALL, "ringing.audio"): "{who} is calling you",
        (NotificationType.MISSED_CALL, "ringing.video"): "{who} is calling you on video",
        (NotificationType.MISSED_CALL, "room.audio"): "{who} started a group call",
        (NotificationType.MISSED_CALL, "room.video"): "{who} started a group video call",
    },
    "ja": {
        (NotificationType.MESSAGE, "mention"): "{who}がチャットであなたをメンションしました",
        (NotificationType.MESSAGE, "request"): "{who}からメッセージリクエスト",
        (NotificationType.MESSAGE, "added"): "{who}があなたをグループに追加しました",
        (NotificationType.SCHEDULED_POST, "failed"): "予約した投稿を公開できませんでした",
        (NotificationType.POLL_ENDED, "own"): "あなたのアンケートが終了しました",
        (NotificationType.MISSED_CALL, "ringing.audio"): "{who}から音声通話の着信",
        (NotificationType.MISSED_CALL, "ringing.video"): "{who}からビデオ通話の着信",
        (NotificationType.MISSED_CALL, "room.audio"): "{who}がグループ通話を始めました",
        (NotificationType.MISSED_CALL, "room.video"): "{who}がグループビデオ通話を始めました",
    },
}
_SOMEBODY: dict[Language, str] = {"en": "Somebody", "ja": "どなたか"}
#: Their pushes of one group say how many people did it, as the line in the app does.
OF_PEOPLE = frozenset(
    {
        NotificationType.LIKE,
        NotificationType.REACTION,
        NotificationType.REPOST,
        NotificationType.FOLLOW,
        NotificationType.FOLLOW_REQUEST,
        NotificationType.FOLLOW_ACCEPTED,
    }
)
_PAST: dict[Language, str] = {"en": "This is no longer current", "ja": "この通知の内容はなくなりました"}
_TEST: dict[Language, tuple[str, str]] = {
    "en": ("This is a test", "Notifications reach this device."),
    "ja": ("テスト通知です", "この端末に通知が届きます。"),
}


def payload_of(notice: Notice, actor_name: str, locale: str, others: int = 0) -> dict[str, Any]:
    """The payload for the service worker: ``{title, body, url, tag}``; pushes of one ``tag`` replace each other.

    Args:
        others: how many people beside the actor the group stands for, where it is one of people.
    """
    language = _language(locale)
    special = _SPECIAL[language].get((notice.type, notice.detail or ""))
    who = _WHO[language](actor_name, others)
    title = (special or _TEXTS[language][notice.type]).format(who=who, detail=notice.detail or "")
    return {
        "title": title,
        "body": isolated(notice.preview or notice.excerpt or ""),
        "url": _url(notice),
        "tag": notice.group or notice.once,
    }


def ringing_payload(notice: Notice, actor_name: str, locale: str, seconds: int) -> dict[str, Any]:
    """A call that rings now: kept on the screen until it is answered. Any page of the app then shows a call of two;
    that of a group is joined from its conversation. The push service drops it after ``seconds``."""
    url = _url(notice) if notice.subject.conversation_id else "/calls"
    return payload_of(notice, actor_name, locale) | {"url": url, "ring": True, "ttl": seconds}


def closing_payload(tag: str, locale: str) -> dict[str, Any]:
    """Closes the notification of a tag. A browser that must show something for each push shows the text."""
    return {"title": _PAST[_language(locale)], "body": "", "url": "/notifications", "tag": tag, "close": True}


def test_payload(event_id: str, locale: str) -> dict[str, Any]:
    """A push that only says that pushes arrive."""
    title, body = _TEST[_language(locale)]
    return {"title": title, "body": body, "url": "/settings/notifications", "tag": f"test#{event_id}"}


def _who_english(name: str, others: int) -> str:
    named = isolated(name) or _SOMEBODY["en"]
    return named if others < 1 else f"{named} and {others:,} {'other' if others == 1 else 'others'}"


def _who_japanese(name: str, others: int) -> str:
    named = f"{isolated(name)}さん" if name else _SOMEBODY["ja"]
    return named if others < 1 else f"{named}ほか{others:,}人"


_WHO: dict[Language, Callable[[str, int], str]] = {"en": _who_english, "ja": _who_japanese}


def _language(locale: str) -> Language:
    return "ja" if locale.lower().startswith("ja") else "en"


def _url(notice: Notice) -> str:
    """The page that the notification in the app leads to, too."""
    subject = notice.subject
    if notice.type is NotificationType.MODERATION:
        return "/notifications"
    if subject.live_id:
        return f"/live/{subject.live_id}"
    if subject.conversation_id:
        return f"/messages/{subject.conversation_id}"
    return f"/posts/{subject.post_id}" if subject.post_id else "/notifications"
