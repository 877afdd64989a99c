"""Home timelines by number of followees, and posts by number of followers.

The fixtures are written to the tables directly: followees with a post each, followers who were active today. Such items
have no ``type``, so that no projector treats them as changes.
"""

from __future__ import annotations

import json
import math
import os
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from kit.client import Account, Api
from kit.deploy.finish import endpoints_file
from kit.settings import Settings
from loadtests.bench.people import Crowd
from loadtests.bench.report import Figure, latency_figures

_SUITE = "timelines"
_READS = 60
_PATIENCE_S = 300.0
#: A home timeline keeps no more, so no more followees than that have a line in it.
_LINES = 400
_PAGE = 20


def sizes(name: str, default: str) -> list[int]:
    """Comma separated numbers of an environment variable."""
    return [int(one) for one in os.environ.get(name, default).split(",") if one.strip()]


def run(crowd: Crowd) -> list[Figure]:
    """Reads first, for the posts keep the machine busy for a while."""
    settings = Settings.load()
    tables = json.loads(endpoints_file(settings, "embedded").read_text("utf-8"))["tables"]
    os.environ.update(settings.aws_environment())
    os.environ.update({f"TABLE_{name.upper()}": table for name, table in tables.items()})
    figures: list[Figure] = []
    readers = iter(crowd.accounts)
    for followees in sizes("ASYNCSNS_BENCH_FOLLOWEES", "10,1000,10000"):
        figures += _read(crowd, next(readers), followees)
    for followers in sizes("ASYNCSNS_BENCH_FOLLOWERS", "100,9999"):
        figures += _fanned_out(crowd, next(readers), followers)
    return figures + _merged(crowd, next(readers), next(readers), sizes("ASYNCSNS_BENCH_MERGED", "100000")[0])


def _read(crowd: Crowd, account: Account, followees: int) -> list[Figure]:
    """The first page, of lines by ever different authors."""
    _follow(account.user_id, followees)
    name = f"home, {followees:,} followees:"
    with Api(crowd.endpoints, account) as api:
        full = api.get("/v1/timelines/home", limit=_PAGE)
        if len(full["items"]) != _PAGE:
            raise RuntimeError(f"expected a full page, got {len(full['items'])} posts")
        taken = [_seconds(lambda: api.get("/v1/timelines/home", limit=_PAGE)) for _ in range(_READS)]
    return [
        *latency_figures(_SUITE, f"{name} read", taken, "≤ 100"),
        Figure(_SUITE, f"{name} read capacity", _read_units(account.user_id), "RCU", note="by the sizes of items"),
    ]


def _follow(reader: str, followees: int) -> None:
    """So many edges; the last of them with a profile and a post, and a line in the reader's timeline."""
    from services.common.clock import now_text
    from services.common.dynamo import batch_write
    from services.common.ids import new_id
    from services.posts.keys import post_key
    from services.profiles.keys import follow_key, profile_key
    from services.timelines.model import Entry
    from services.timelines.projection_repository import TimelineProjection
    from services.timelines.readers import today

    timelines = TimelineProjection(os.environ["TABLE_TIMELINES"])
    people = [str(uuid.uuid5(uuid.NAMESPACE_URL, f"bench-{reader}-{number}")) for number in range(followees)]
    edges = [
        {**_key(follow_key(reader, one)), "followerId": reader, "followeeId": one, "following": True, "version": 1}
        for one in people
    ]
    profiles, posts, entries = [], [], []
    for number, one in enumerate(people[:_LINES] * math.ceil(_PAGE / min(followees, _PAGE))):
        at, post = now_text(), new_id()
        entries.append(Entry(post, one, "public"))
        profiles.append({**_key(profile_key(one)), **_profile(one, number, at)})
        posts.append({**_key(post_key(post)), **_post_item(post, one, number, at)})
    batch_write(os.environ["TABLE_PROFILES"], puts=[*edges, *{one["pk"]: one for one in profiles}.values()])
    batch_write(os.environ["TABLE_POSTS"], puts=posts)
    timelines.add_entries(reader, entries)
    batch_write(timelines.name, puts=[_state(reader, today())])


def _profile(user_id: str, number: int, at: str) -> dict[str, Any]:
    who = {"id": user_id, "handle": f"b{number}", "displayName": f"Bench followee {number}"}
    return {**who, "createdAt": at, "updatedAt": at, "version": 1}


def _post_item(post_id: str, author: str, number: int, at: str) -> dict[str, Any]:
    what = {"id": post_id, "authorId": author, "text": f"朝の散歩 a bench post {number}", "lang": "ja", "createdAt": at}
    entities: dict[str, list[str]] = {"tags": [], "mentions": [], "links": []}
    return {**what, "visibility": "public", "state": "live", "version": 1, "media": [], "entities": entities}


def _read_units(reader: str) -> float:
    """Read units that AWS would meter for the page: eventually consistent reads, half a unit per started 4 KB, of a
    query as one, of a batch for each item, also for one that is not there.

    Source: docs.aws.amazon.com, DynamoDB read and write operations, read operation requests.
    """
    from services.common import wire
    from services.posts.repository import PostRepository
    from services.profiles.repository import ProfileRepository
    from services.query.hydration import Hydration
    from services.timelines.repository import TimelineRepository

    units, read = 0.0, wire.read

    def metered(operation: wire.Operation, request: Mapping[str, Any]) -> dict[str, Any]:
        nonlocal units
        answer = read(operation, request)
        if operation == "Query":
            units += _half_units(sum(map(_size, answer["Items"])))
            return answer
        asked = sum(len(one["Keys"]) for one in request["RequestItems"].values())
        found = [item for items in answer["Responses"].values() for item in items]
        units += sum(_half_units(_size(item)) for item in found) + 0.5 * (asked - len(found))
        return answer

    wire.read = metered
    try:
        page, _ = TimelineRepository(os.environ["TABLE_TIMELINES"]).home(reader, None, _PAGE)
        posts, profiles = PostRepository(os.environ["TABLE_POSTS"]), ProfileRepository(os.environ["TABLE_PROFILES"])
        Hydration(posts, profiles).entries(reader, page.items)
    finally:
        wire.read = read
    return units


def _half_units(size: int) -> float:
    return 0.5 * max(1, math.ceil(size / 4096))


def _size(item: Mapping[str, Any]) -> int:
    """About what DynamoDB counts: names and values in UTF-8."""
    return len(json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode())


def _fanned_out(crowd: Crowd, account: Account, followers: int) -> list[Figure]:
    """From the command until the last follower, in the order of the fan-out, has the line."""
    from services.common.dynamo import batch_get
    from services.timelines import keys

    table = os.environ["TABLE_TIMELINES"]
    people = _gather_followers(table, account.user_id, followers)
    with Api(crowd.endpoints, account) as api:
        begun = time.perf_counter()
        post = _post(api)
        commanded = time.perf_counter() - begun
        last = (keys.home(people[-1]), post)
        _until(lambda: bool(batch_get({table: [last]}, consistent=True)), f"the last of {followers} followers")
        delivered = time.perf_counter() - begun
    name = f"post, {followers:,} followers:"
    writes = followers + 4
    return [
        Figure(_SUITE, f"{name} command", commanded * 1000, "ms", "≤ 300"),
        Figure(_SUITE, f"{name} at the last follower", delivered * 1000, "ms", note="in pages of 200"),
        Figure(_SUITE, f"{name} written to timelines", writes, "WCU", note="a line each, below 1 KB"),
    ]


def _gather_followers(table: str, author: str, count: int) -> list[str]:
    """Followers who were here today, in the order of the fan-out."""
    from services.common.dynamo import batch_write
    from services.timelines import keys
    from services.timelines.readers import today

    people = sorted(str(uuid.uuid5(uuid.NAMESPACE_URL, f"bench-fan-{number}")) for number in range(count))
    audience = keys.audience(author)
    batch_write(table, puts=[{"pk": audience, "sk": one, "version": 1, "active": True} for one in people])
    batch_write(table, puts=[_state(one, today()) for one in people])
    batch_write(table, deletes=[keys.reach(author)])
    return people


def _merged(crowd: Crowd, author: Account, reader: Account, followers: int) -> list[Figure]:
    """An author above the threshold: nothing is written per follower, so one reader stands for all of them."""
    _put_above_threshold(author.user_id, reader.user_id)
    commands, delivered = [], []
    with Api(crowd.endpoints, author) as api, Api(crowd.endpoints, reader) as other:
        for _ in range(10):
            begun = time.perf_counter()
            post = _post(api)
            commands.append(time.perf_counter() - begun)

            def is_there(post: str = post) -> bool:
                return any(one["id"] == post for one in other.get("/v1/timelines/home", limit=5)["items"])

            _until(is_there, "the merged post")
            delivered.append(time.perf_counter() - begun)
    name = f"post, {followers:,} followers, merged:"
    note = "simulated: nothing is written per follower"
    return [
        *latency_figures(_SUITE, f"{name} command", commands, "≤ 300", note),
        *latency_figures(_SUITE, f"{name} at any follower", delivered, "≤ 1,000", note),
        Figure(_SUITE, f"{name} written to timelines", 4, "WCU", note="reference, own line, public, directory"),
    ]


def _put_above_threshold(author: str, reader: str) -> None:
    from services.common.dynamo import batch_write
    from services.timelines import keys
    from services.timelines.readers import Reach, today

    reach = {**_key(keys.reach(author)), "reach": Reach.MERGED.value}
    state = {**_state(reader, today()), "merged": {author}}
    batch_write(os.environ["TABLE_TIMELINES"], puts=[reach, state])


def _post(api: Api) -> str:
    body = {"clientPostId": uuid.uuid4().hex, "text": "a bench post to many"}
    return str(api.post("/v1/posts", body)["id"])


def _state(reader: str, seen_on: str) -> dict[str, Any]:
    from services.timelines import keys

    return {**_key(keys.reader(reader)), "seenOn": seen_on}


def _key(pair: tuple[str, str]) -> dict[str, Any]:
    return {"pk": pair[0], "sk": pair[1]}


def _seconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def _until(holds: Callable[[], bool], what: str) -> None:
    """Polls every 20 ms."""
    begun = time.perf_counter()
    while not holds():
        if time.perf_counter() - begun > _PATIENCE_S:
            raise TimeoutError(f"{what}: not within {_PATIENCE_S:.0f} s")
        time.sleep(0.02)
