"""Media: time from upload to ready, cold and warm processing time, and the effect of CloudFront's cache.

``ASYNCSNS_BENCH_MEDIA`` (default 8): uploads of each kind.
"""

from __future__ import annotations

import http.client
import os
import re
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import boto3

from kit.client import Api, Endpoints
from kit.client.api import wait_for
from kit.seed import media
from kit.seed.scenes import SCENES
from kit.settings import Settings
from loadtests.bench.people import Crowd
from loadtests.bench.report import Figure, latency_figures

_SUITE = "media"
_PROCESSOR = "asyncsns-media-processor"
_ROUNDS = "8"
#: How often each link is asked for again, as by the readers of a post.
_READERS = 20
_COLD = 3
#: ``Duration`` and, of a cold start on AWS, ``Init Duration``; not what is billed.
_TIMES = re.compile(r"\t(?:Init )?Duration: ([\d.]+) ms")


@dataclass
class Latencies:
    """Seconds of the edge's responses, by X-Cache."""

    hits: list[float] = field(default_factory=list)
    misses: list[float] = field(default_factory=list)


def run(crowd: Crowd) -> list[Figure]:
    """Uploads one after the other, so that each has the processor for itself."""
    rounds = int(os.environ.get("ASYNCSNS_BENCH_MEDIA", _ROUNDS))
    endpoints = crowd.endpoints
    with Api(endpoints, crowd.accounts[0]) as api:
        figures = _cold_starts(endpoints, api)
        warm, links = time.time(), []
        for kind, content_type, files in _samples(rounds):
            made = [_upload(api, kind, content_type, content) for content in files]
            name = f"{kind} of {statistics.median(map(len, files)) / 1024:.0f} KB: upload to ready"
            figures += latency_figures(_SUITE, name, [seconds for _, seconds in made])
            links += [link for media_id, _ in made for link in _links(api.get(f"/v1/media/{media_id}"))]
        again = _reports(endpoints, warm, 3 * rounds)
        figures += latency_figures(_SUITE, "processor, warm", again, note=f"{len(again)} REPORT lines, all kinds")
        return [*figures, *_edge(endpoints, links)]


def _samples(rounds: int) -> list[tuple[str, str, list[bytes]]]:
    """Kind, content type, a file for each round: no two photos are alike, as no two uploads are."""
    scenes = list(SCENES)
    photos = [media.photo(scenes[number % len(scenes)], number) for number in range(rounds)]
    clip, sound = media.video(1), media.audio(1)
    return [
        ("photo", "image/jpeg", photos),
        ("video", "video/mp4", [clip] * rounds),
        ("audio", "audio/wav", [sound] * rounds),
    ]


def _upload(api: Api, kind: str, content_type: str, content: bytes) -> tuple[str, float]:
    begun = time.perf_counter()
    media_id = api.upload(kind, content_type, content)
    return media_id, time.perf_counter() - begun


def _links(made: dict[str, Any]) -> list[str]:
    """Requests that a reader's browser may make."""
    found = [made["url"], made["thumbnailUrl"], *(one["url"] for one in made["variants"])]
    return [url for url in found if url]


def _aws(endpoints: Endpoints, service: str) -> Any:
    """A client of the emulator; on AWS with the credentials of the environment."""
    if not endpoints.emulator_url:
        return boto3.Session(region_name=endpoints.region).client(service)  # type: ignore[call-overload]
    session = boto3.Session(**Settings.load().emulation.credentials.for_boto3(), region_name=endpoints.region)
    return session.client(service, endpoint_url=endpoints.emulator_url)  # type: ignore[call-overload]


def _cold_starts(endpoints: Endpoints, api: Api) -> list[Figure]:
    begun, taken, starts = time.time(), [], []
    for number in range(_COLD):
        taken.append(_cold(endpoints, api))
        # A new configuration ends environments, also one that is about to end by itself.
        starts = _reports(endpoints, begun, number + 1)
    return [
        *latency_figures(_SUITE, "photo: upload to ready, cold", taken),
        *latency_figures(_SUITE, "processor, cold", starts, note=f"{len(starts)} REPORT lines, init included"),
    ]


def _cold(endpoints: Endpoints, api: Api) -> float:
    """Seconds from upload to ready of a photo that a new execution environment processes.

    A function whose configuration was changed gets new ones.
    https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
    """
    functions = _aws(endpoints, "lambda")
    before = functions.get_function_configuration(FunctionName=_PROCESSOR)
    for description in (f"bench {time.time_ns()}", before.get("Description", "")):
        functions.update_function_configuration(
            FunctionName=_PROCESSOR, Description=description, MemorySize=before["MemorySize"]
        )
        functions.get_waiter("function_updated_v2").wait(FunctionName=_PROCESSOR)
    return _upload(api, "photo", "image/jpeg", media.photo("sea", 1))[1]


def _reports(endpoints: Endpoints, since: float, count: int) -> list[float]:
    """Seconds that Lambda bills for each execution since a moment (seconds since the epoch), when all have ended."""
    query = {"logGroupName": f"/aws/lambda/{_PROCESSOR}", "startTime": int(since * 1000)}
    pages = _aws(endpoints, "logs").get_paginator("filter_log_events")

    def read() -> list[str]:
        found = [event["message"] for page in pages.paginate(**query) for event in page["events"]]
        return [message for message in found if message.startswith("REPORT")]

    lines = wait_for(read, until=lambda found: len(found) >= count, what=f"{count} REPORT lines", seconds=60)
    return [sum(float(one) for one in _TIMES.findall(line)) / 1000 for line in lines]


def _edge(endpoints: Endpoints, links: Sequence[str]) -> list[Figure]:
    """Every link once, then again by its readers, on one connection."""
    taken = Latencies()
    where = urlsplit(endpoints.base_url)
    kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
    connection = kind(where.hostname or "", where.port, timeout=30)
    for link in [*links] * (_READERS + 1):
        seconds, is_hit = _read_link(connection, link)
        (taken.hits if is_hit else taken.misses).append(seconds)
    connection.close()
    share = 100 * len(taken.hits) / (len(taken.hits) + len(taken.misses))
    note = f"{len(links)} links, {_READERS + 1} times each"
    figures = [Figure(_SUITE, "edge: hit ratio", share, "%", note=note)]
    for name, latencies in (("hit", taken.hits), ("miss", taken.misses)):
        if latencies:
            figures += latency_figures(_SUITE, f"edge: {name}", latencies)
    return figures


def _read_link(connection: http.client.HTTPConnection, link: str) -> tuple[float, bool]:
    """Seconds until the whole answer was there, and whether it came from the cache."""
    begun = time.perf_counter()
    connection.request("GET", link)
    answer = connection.getresponse()
    answer.read()
    seconds = time.perf_counter() - begun
    if answer.status != 200:
        raise RuntimeError(f"GET {link.partition('?')[0]}: expected 200, got {answer.status}")
    return seconds, (answer.getheader("x-cache") or "").startswith(("Hit", "RefreshHit"))
