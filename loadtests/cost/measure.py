"""Consumption of each action on a running stack, functions in the background included.

The emulator counts (``/_asyncsns/meter``) while one action is done several times, until nothing runs any more.
Milliseconds are those of this machine, whose processor is shared; on Lambda they differ with memory.
"""

from __future__ import annotations

import io
import json
import os
import sys
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from PIL import Image

from kit.client import Api, Socket
from kit.deploy.resources import Aws
from kit.settings import Settings
from loadtests.bench.meter import Meter
from loadtests.bench.people import Crowd, gather

FILE: Final = Path(__file__).parent / "measured.json"
#: Of each action: few, because each waits for all that follows it on a machine of any speed.
_TIMES: Final = 5
_QUIET_SECONDS: Final = 4.0
_REGION: Final = "us-east-1"
#: Requests that AWS bills; the rest are calls that SDKs of functions make for nothing.
_BILLED: Final = {
    "sns:POST": "publishes", "sqs:SendMessage": "queue requests",
    "sqs:SendMessageBatch": "queue requests", "kinesis:PutRecord": "frames", "kinesis:PutRecords": "frames",
    "s3:PUT": "S3 writes", "s3:POST": "S3 writes", "s3:GET": "S3 reads",
}  # fmt: skip

Json = dict[str, Any]


def _consumed(meter: Meter, act: Callable[[], object]) -> Json:
    """Consumption of ``act`` and all work that it causes; waits first until earlier work has ended."""
    meter.begin()
    meter.wait_until_quiet()
    meter.begin()
    for _ in range(_TIMES):
        act()
    meter.wait_until_quiet()
    return meter.end()


def measure() -> Json:
    """Sums of one action each, as ``measured.json`` has them."""
    settings = Settings.load()
    crowd, meter = gather(), Meter(_QUIET_SECONDS)
    memory, machine = _memory(settings), os.uname()
    rows = {name: _per_action(_consumed(meter, act), memory) for name, act in _actions(crowd).items()}
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{machine.sysname} {machine.machine}, Python {sys.version.split()[0]}",
        "load": round(os.getloadavg()[0], 1),
        "processors": os.cpu_count(),
        "times": _TIMES,
        "followers": 2,
        "actions": rows,
    }


def _memory(settings: Settings) -> dict[str, int]:
    os.environ.update(settings.aws_environment())
    pages = Aws(_REGION).client("lambda").get_paginator("list_functions").paginate()
    return {row["FunctionName"]: int(row["MemorySize"]) for page in pages for row in page["Functions"]}


def _per_action(found: Json, memory: dict[str, int]) -> Json:
    calls = {name: count for name, count in found["calls"].items() if "sweeper" not in name}
    gb_seconds = sum(
        seconds * memory.get(name, 0) / 1024 for name, seconds in found["seconds"].items() if name in calls
    )
    billed: dict[str, float] = {}
    for name, count in found["requests"].items():
        if name in _BILLED:
            billed[_BILLED[name]] = billed.get(_BILLED[name], 0) + count
    sums = {
        "write units": sum(found["write"].values()), "read units": sum(found["read"].values()),
        "invocations": sum(calls.values()), "GB seconds": gb_seconds, **billed,
    }  # fmt: skip
    return {name: round(value / _TIMES, 4) for name, value in sorted(sums.items())}


def _actions(crowd: Crowd) -> dict[str, Callable[[], object]]:
    # Bob follows Cid, so that messages of Cid wait for no permission.
    ann, bob, cid = (Api(crowd.endpoints, account) for account in crowd.accounts[:3])
    posts = iter(
        [
            bob.post("/v1/posts", {"clientPostId": uuid.uuid4().hex, "text": f"朝の散歩 {n}"})["id"]
            for n in range(_TIMES)
        ]
    )
    talk = cid.post("/v1/conversations", {"memberId": crowd.accounts[1].user_id})["id"]

    def opened() -> None:
        with Socket(crowd.endpoints, ann):
            ann.get("/v1/me")
            ann.get("/v1/notifications/unread")
            ann.get("/v1/conversations")

    return {
        "open the app": opened,
        "read the home timeline": lambda: ann.get("/v1/timelines/home", limit=20),
        "publish a post": lambda: ann.post("/v1/posts", {"clientPostId": uuid.uuid4().hex, "text": "朝の散歩 #bench"}),
        "like a post": lambda: ann.put(f"/v1/posts/{next(posts)}/like"),
        "search": lambda: ann.get("/v1/search", q="散歩"),
        "send a chat message": lambda: cid.post(
            f"/v1/conversations/{talk}/messages", {"clientMessageId": uuid.uuid4().hex, "text": "hello"}
        ),
        "upload a photo": lambda: ann.upload("photo", "image/jpeg", _photo(), "a gradient"),
    }


def _photo() -> bytes:
    made = io.BytesIO()
    Image.linear_gradient("L").resize((1280, 960)).convert("RGB").save(made, "JPEG")
    return made.getvalue()


def write() -> Path:
    """Renew ``measured.json``; a file of an action that is gone would fail the model's test."""
    FILE.write_text(json.dumps(measure(), indent=2, ensure_ascii=False) + "\n", "utf-8")
    return FILE
