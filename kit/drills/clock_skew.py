"""A device or a signer with a wrong clock: which clock is used, and the visible effect."""

from __future__ import annotations

import datetime
import json
import time
import uuid
from datetime import UTC, timedelta

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.signers import CloudFrontSigner

from infra.constants import MEDIA_ACCESS_PARAMETER
from kit.client import Api, Problem
from kit.drills.scene import Scene
from kit.words import Words
from services.common.ids import new_id
from services.common.signed_urls import sign

_TAKEN, _REFUSED = "200", Words("refused", "拒否")


class _Skewed(SigV4Auth):
    """Signs as a device does whose clock is wrong by ``skew``."""

    def __init__(self, credentials: Credentials, service: str, region: str, skew: timedelta) -> None:
        super().__init__(credentials, service, region)
        self._skew = skew

    def add_auth(self, request: AWSRequest) -> None:
        now = datetime.datetime.now(UTC) + self._skew
        request.context["timestamp"] = now.strftime("%Y%m%dT%H%M%SZ")
        self._modify_request_before_signing(request)  # type: ignore[attr-defined]
        text = self.string_to_sign(request, self.canonical_request(request))
        self._inject_signature_to_request(request, self.signature(text, request))  # type: ignore[attr-defined]


def play(scene: Scene) -> None:
    _signed_requests(scene)
    _signed_links(scene)
    _, ann = scene.person("ann")
    ben_account, ben = scene.person("ben")
    _scheduled_posts(scene, ann)
    _order_of_messages(scene, ann, ben, ben_account.user_id)


def _signed_requests(scene: Scene) -> None:
    for minutes, expected in ((0, _TAKEN), (4, _TAKEN), (20, _REFUSED), (-20, _REFUSED)):
        status, code = _list_tables(scene, timedelta(minutes=minutes))
        seen = _TAKEN if status == 200 else _REFUSED
        text = f"{status} {code}".strip()
        scene.expect(
            f"A request to AWS signed with a clock that is {minutes:+d} min off",
            f"時計が{minutes:+d}分ずれた署名付きリクエスト",
                     expected, text, seen == expected)  # fmt: skip


def _list_tables(scene: Scene, skew: timedelta) -> tuple[int, str]:
    url = f"{scene.settings.url('emulator')}/"
    headers = {"x-amz-target": "DynamoDB_20120810.ListTables", "content-type": "application/x-amz-json-1.0"}
    request = AWSRequest(method="POST", url=url, data=b"{}", headers=headers)
    keys = scene.settings.emulation.credentials
    _Skewed(Credentials(keys.access_key_id, keys.secret_access_key), "dynamodb", scene.endpoints.region, skew).add_auth(
        request
    )
    answer = httpx.post(url, content=b"{}", headers=dict(request.headers.items()), timeout=30)
    code = answer.json().get("__type", "").rpartition("#")[2] if answer.status_code != 200 else ""
    return answer.status_code, code


def _signed_links(scene: Scene) -> None:
    access = json.loads(scene.aws("ssm").get_parameter(Name=MEDIA_ACCESS_PARAMETER)["Parameter"]["Value"])
    key = (scene.settings.home / "keys" / "media.pem").read_text("utf-8")
    signer = CloudFrontSigner(access["keyPairId"], lambda message: sign(key, message))
    bucket = scene.endpoints.document["outputs"]["MediaBucket"]
    name = f"media/private/{uuid.uuid4().hex}/a.jpg"
    scene.aws("s3").put_object(Bucket=bucket, Key=name, Body=b"\xff\xd8\xff", ContentType="image/jpeg")
    try:
        for slow, expected in ((0, 200), (30 * 60, 200), (2 * 3600, 403)):
            # A link for one hour, made by a signer whose clock is slow.
            ends = datetime.datetime.fromtimestamp(time.time() + 3600 - slow, UTC)
            link = signer.generate_presigned_url(f"{access['origin']}/{name}", date_less_than=ends)
            status = scene.fetch(str(link).removeprefix(access["origin"])).status_code
            scene.expect(
                f"A one-hour link, made with a clock that is {slow // 60} min slow",
                f"{slow // 60}分遅れた時計で作った1時間のリンク",
                         expected, status)  # fmt: skip
    finally:
        scene.aws("s3").delete_object(Bucket=bucket, Key=name)


def _scheduled_posts(scene: Scene, ann: Api) -> None:
    """ "In five minutes", by a device that is an hour slow, has passed for the server."""
    at = (datetime.datetime.now(UTC) + timedelta(minutes=5) - timedelta(hours=1)).isoformat()
    try:
        ann.put(f"/v1/scheduled-posts/{new_id()}", {"publishAt": at, "post": {"text": "in five minutes"}})
        seen = "200"
    except Problem as problem:
        seen = f"{problem.status} publishAt" if "publishAt" in json.dumps(problem.document) else str(problem.status)
    scene.expect("A device that is an hour slow schedules a post in five minutes", "1時間遅れた端末が5分後の投稿を予約",
                 "422 publishAt", seen)  # fmt: skip


def _order_of_messages(scene: Scene, ann: Api, ben: Api, ben_id: str) -> None:
    """A device's time is never used: order is the server's ``seq``, times are the server's."""
    conversation = ann.post("/v1/conversations", {"memberId": ben_id})["id"]
    texts = []
    for number in range(4):
        api, hours = (ann, 1) if number % 2 else (ben, -1)
        date = (datetime.datetime.now(UTC) + timedelta(hours=hours)).strftime("%a, %d %b %Y %H:%M:%S GMT")
        texts.append(f"line {number}")
        body = {"clientMessageId": uuid.uuid4().hex, "text": texts[-1]}
        api.http.post(
            f"/v1/conversations/{conversation}/messages", json=body, headers={"date": date}
        ).raise_for_status()
    page = ann.get(f"/v1/conversations/{conversation}/messages", limit=50)["items"]
    found = [one["text"] for one in sorted(page, key=lambda one: one["seq"])]
    scene.expect(
        "Two devices, one an hour fast and one an hour slow: order of messages",
        "1時間進んだ端末と遅れた端末: メッセージの順序",
                 texts, found)  # fmt: skip
    sent = datetime.datetime.fromisoformat(page[0]["at"].replace("Z", "+00:00"))
    wrong = abs((datetime.datetime.now(UTC) - sent).total_seconds())
    scene.expect("Time of a message", "メッセージの時刻",
                 Words("the server's, within 60 s", "サーバーの時刻(60秒以内)"),
                 Words(f"{wrong:.0f} s old", f"{wrong:.0f}秒前"), wrong < 60)  # fmt: skip
