"""Chapters about people: lists, blocks, moderation, and the caller's own data."""

from __future__ import annotations

import io
import zipfile

import httpx

from kit.client import Api, Problem
from kit.client.api import wait_for
from kit.demo.posting import say
from kit.demo.stage import Chapter, Stage, Words
from services.common.ids import new_id

#: Longer than a minute: the post for later was scheduled a few chapters before.
_SCHEDULED_SECONDS = 100


def _answer(api: Api, path: str) -> str:
    try:
        return f"200 {api.get(path)['text']}"
    except Problem as problem:
        return str(problem.status)


def graph(stage: Stage) -> None:
    stage.facts["cleo"] = stage.join("cleo")
    aki_id, cleo_id = stage.facts["aki"].user_id, stage.facts["cleo"].user_id
    with stage.api(stage.facts["aki"]) as aki, stage.api(stage.facts["cleo"]) as cleo:
        mine = new_id()
        aki.put(f"/v1/lists/{mine}", {"name": "Morning people"})
        aki.put(f"/v1/lists/{mine}/members/{cleo_id}")
        made = say(cleo, "Up before the birds.")
        page = wait_for(
            lambda: aki.get(f"/v1/timelines/lists/{mine}")["items"],
            until=lambda items: made["id"] in [one["id"] for one in items],
            what="Cleo's post on the list",
        )
        stage.seen("on Aki's list, without following her", page[0]["text"])
        stage.seen("Cleo reads Aki's post", _answer(cleo, f"/v1/posts/{stage.facts['post']}"))
        aki.put(f"/v1/blocks/{cleo_id}")
        stage.seen("after the block", _answer(cleo, f"/v1/posts/{stage.facts['post']}"))
        stage.seen("and Aki's list shows", aki.get(f"/v1/timelines/lists/{mine}")["items"])
        found = cleo.get(f"/v1/users/{aki_id}")
        told = {"displayName": found["displayName"], "blockedBy": found["relationship"]["blockedBy"]}
        stage.seen("all that Cleo finds of Aki", told)
        aki.delete(f"/v1/blocks/{cleo_id}")


def moderation(stage: Stage) -> None:
    stage.facts["mod"] = stage.join("mod", ("moderators",))
    ben, cleo, mod = (stage.api(stage.facts[name]) for name in ("ben", "cleo", "mod"))
    with ben, cleo, mod:
        made = say(cleo, "Cheap watches!")
        ben.post("/v1/reports", {"kind": "post", "subjectId": made["id"], "reason": "spam", "comment": "An ad."})
        case = f"/v1/moderation/cases/post/{made['id']}"
        stage.seen("the moderator finds", mod.get(case)["reportList"][0]["comment"])
        stage.seen("Ben asks for the same", _forbidden(ben, case))
        mod.post(f"{case}/decisions", {"decision": "hide", "reason": "spam", "comment": "No ads, please."})
        wait_for(lambda: _answer(ben, f"/v1/posts/{made['id']}"), until=lambda one: one == "404", what="the measure")
        stage.seen("hidden: Ben gets", _answer(ben, f"/v1/posts/{made['id']}"))
        stage.seen("Cleo is told why, not by whom", cleo.get("/v1/me/decisions")["items"][0]["comment"])
        cleo.post("/v1/appeals", {"kind": "post", "subjectId": made["id"], "text": "It was a poem."})
        mod.post(f"{case}/decisions", {"decision": "unhide", "reason": "other", "comment": "So it was."})
        wait_for(lambda: _answer(ben, f"/v1/posts/{made['id']}"), until=lambda one: one != "404", what="it to be back")
        stage.seen("after her appeal", _answer(ben, f"/v1/posts/{made['id']}"))
        stage.seen("the audit log has", [one["decision"] for one in mod.get(case)["log"]])


def _forbidden(api: Api, path: str) -> str:
    try:
        api.get(path)
    except Problem as problem:
        return str(problem.status)
    raise AssertionError("somebody who is no moderator could read a case")


def own_data(stage: Stage) -> None:
    with stage.api(stage.facts["aki"]) as aki:
        page = wait_for(
            lambda: aki.get(f"/v1/users/{stage.facts['aki'].user_id}/posts")["items"],
            until=lambda items: stage.facts["later"] in [one["text"] for one in items],
            what="the post for later",
            seconds=_SCHEDULED_SECONDS,
        )
        stage.seen("the post for later was published", next(one["createdAt"] for one in page))
        aki.post("/v1/me/export")
        made = wait_for(
            lambda: aki.get("/v1/me/export"), until=lambda one: one["state"] == "ready", what="the export", seconds=90
        )
        link = httpx.URL(stage.endpoints.base_url).join(made["url"])
        content = httpx.get(link, headers=made["headers"], timeout=60)
        content.raise_for_status()
        names = zipfile.ZipFile(io.BytesIO(content.content)).namelist()
        stage.seen("her export: one file with", ", ".join(names[:8]) + (" …" if len(names) > 8 else ""))


PEOPLE: tuple[Chapter, ...] = (
    Chapter(
        Words("Lists and blocks", "リストとブロック"),
        Words(
            "A list is filled like a home timeline. A block takes effect everywhere at once, both ways.",
            "リストはホームタイムラインと同じ仕組みで更新します。ブロックは全機能に、双方向で、即座に反映されます。",
        ),
        ("Profile Lambda", "DynamoDB", "SNS/SQS", "Query Lambda"),
        graph,
    ),
    Chapter(
        Words("Moderation", "モデレーション"),
        Words(
            "Report, decision, notification, appeal: decision and log entry are one transaction, events do the rest.",
            "通報、判断、通知、異議申し立ての流れです。判断と記録は1つのトランザクションで書き込み、以降はイベントで伝播します。",
        ),
        ("Cognito", "Moderation Lambda", "DynamoDB Stream", "SNS/SQS"),
        moderation,
    ),
    Chapter(
        Words("Your own data", "自分のデータ"),
        Words(
            "All your data in one file, behind a signed link that expires.",
            "自分のデータをすべて1つのファイルにまとめ、期限付きの署名付きリンクで受け取ります。",
        ),
        ("S3", "CloudFront", "DynamoDB"),
        own_data,
    ),
)
