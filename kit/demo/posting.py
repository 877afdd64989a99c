"""Chapters about posts as people use them: quote, poll, edit, warning, and one for later."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from kit.client import Api
from kit.client.api import wait_for
from kit.demo.stage import Chapter, Stage, Words
from services.common.ids import new_id

#: The soonest that a post can be scheduled for is a minute ahead.
_AHEAD = timedelta(seconds=66)


def say(api: Api, text: str, **more: Any) -> dict[str, Any]:
    """A new post."""
    made: dict[str, Any] = api.post("/v1/posts", {"clientPostId": uuid.uuid4().hex, "text": text, **more})
    return made


def quote_and_poll(stage: Stage) -> None:
    with stage.api(stage.facts["aki"]) as aki, stage.api(stage.facts["ben"]) as ben:
        poll = {"options": ["梅 plum", "鮭 salmon"], "multiple": False, "durationSeconds": 3600}
        made = say(ben, "What was in it?", quoteOf=stage.facts["post"], poll=poll)
        shown = aki.get(f"/v1/posts/{made['id']}")
        stage.seen("Ben quotes Aki; she reads in his post", shown["quote"]["post"]["text"])
        stage.seen("before her vote she sees", [one["votes"] for one in shown["poll"]["options"]])
        voted = aki.put(f"/v1/posts/{made['id']}/vote", {"choices": [1]})
        stage.seen("after it", {one["text"]: one["votes"] for one in voted["options"]})
        counted = wait_for(
            lambda: ben.get(f"/v1/posts/{made['id']}")["poll"],
            until=lambda one: one["voters"] == 1,
            what="the vote in Ben's numbers",
        )
        stage.seen("and what Ben sees soon", {one["text"]: one["votes"] for one in counted["options"]})


def edit_and_history(stage: Stage) -> None:
    with stage.api(stage.facts["aki"]) as aki, stage.api(stage.facts["ben"]) as ben:
        made = say(aki, "See you at noon.")
        edit = {"version": made["version"], "text": "See you at one.", "contentWarning": "Plans"}
        aki.call("PATCH", f"/v1/posts/{made['id']}", edit)
        stage.seen("edited; behind the warning", ben.get(f"/v1/posts/{made['id']}")["contentWarning"])
        history = ben.get(f"/v1/posts/{made['id']}/history")["items"]
        stage.seen("its history, for everyone who may see it", [f"{one['version']}: {one['text']}" for one in history])


def later(stage: Stage) -> None:
    with stage.api(stage.facts["aki"]) as aki:
        at = (datetime.now(UTC) + _AHEAD).isoformat()
        stage.facts["later"] = f"Good morning from {stage.run}"
        body = {"publishAt": at, "post": {"text": stage.facts["later"]}}
        made = aki.put(f"/v1/scheduled-posts/{new_id()}", body)
        stage.seen("waits until", made["publishAt"])
        stage.seen("meanwhile a draft is kept on the server", _draft(aki))


def _draft(api: Api) -> str:
    made = api.put(f"/v1/drafts/{new_id()}", {"content": {"text": "Half a thou"}})
    return f"{made['content']['text']}… (version {made['version']})"


POSTING: tuple[Chapter, ...] = (
    Chapter(
        Words("Quote and poll", "引用とアンケート"),
        Words(
            "A quote stores an id, never a copy; poll results are hidden until you vote.",
            "引用は本文のコピーではなくIDを保持します。アンケートの結果は、投票するまで表示されません。",
        ),
        ("Post Lambda", "DynamoDB", "DynamoDB Stream", "Query Lambda"),
        quote_and_poll,
    ),
    Chapter(
        Words("Edits and content warnings", "編集と閲覧注意"),
        Words(
            "Every version stays readable; an edit names the version that it is based on.",
            "すべての版を残します。編集時は基にした版を指定します(楽観ロック)。",
        ),
        ("Post Lambda", "DynamoDB"),
        edit_and_history,
    ),
    Chapter(
        Words("Drafts, and a post for later", "下書きと予約投稿"),
        Words(
            "Scheduled posts wait in the table; a rule and a queue's delay publish them on time, as shown below.",
            "予約投稿はテーブルに保存し、EventBridgeのルールとキューの遅延配信で時刻どおりに公開します。結果は後で確認します。",
        ),
        ("Post Lambda", "DynamoDB", "SNS/SQS"),
        later,
    ),
)
