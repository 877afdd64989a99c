"""Verifies the effects of every acknowledged operation by the public API, and lists missing ones."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import httpx

from emulation.console.emulator import EmulatorReader
from emulation.guard import HELPER_HEADERS
from kit.client import Api, Problem
from kit.settings import Settings
from loadtests.crash.ledger import Finding, Kind, Posted, Said, Verdict
from loadtests.crash.world import World

_PAGE = 50


def check(world: World) -> list[Finding]:
    """All findings of a world at this moment; effects that are still on their way are among them.

    Raises:
        Problem, httpx.TransportError, botocore.exceptions.ClientError: something does not answer (yet).
    """
    checks: tuple[Callable[[World], Iterator[Finding]], ...] = (
        _posts, _timelines, _search, _notifications, _messages, _uploads, _sign_ups,
    )  # fmt: skip
    with ThreadPoolExecutor(2) as pool:
        return [finding for found in pool.map(lambda one: list(one(world)), checks) for finding in found]


def _walk(api: Api, path: str, **params: Any) -> list[dict[str, Any]]:
    """All items of a list, in its order."""
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = api.get(path, limit=_PAGE, cursor=cursor, **params)
        items += page["items"]
        cursor = page["older"]
        if cursor is None:
            return items


def _compared(kind: Kind, expected: dict[str, str], found: list[str]) -> Iterator[Finding]:
    """``expected``: id → what it is called in a finding."""
    counted = Counter(found)
    for one, name in expected.items():
        if not counted[one]:
            yield Finding(kind, Verdict.LOST, name)
        elif counted[one] > 1:
            yield Finding(kind, Verdict.DOUBLED, name, counted[one] - 1)


def _by_author(world: World, person: str) -> list[Posted]:
    return [one for one in world.ledger.posts if one.author == person]


def _posts(world: World) -> Iterator[Finding]:
    """Posts themselves, a second copy by its word, and how many like each."""
    likers = Counter(post for _, post in world.ledger.likes)
    for person, api in world.people.items():
        shown = _walk(api, f"/v1/users/{person}/posts")
        words = [word for one in shown for word in one["text"].split()]
        yield from _compared(Kind.POST, {one.word: f"post {one.id}" for one in _by_author(world, person)}, words)
        counts = {one["id"]: int(one["counts"]["likes"]) for one in shown}
        for post in _by_author(world, person):
            if post.id in counts:
                least, slack = likers[post.id], world.ledger.unsure_likes[post.id]
                yield from _counted(Kind.LIKE, f"likes of post {post.id}", counts[post.id], least, slack)


def _counted(kind: Kind, name: str, seen: int, least: int, slack: int = 0) -> Iterator[Finding]:
    if seen < least:
        yield Finding(kind, Verdict.LOST, f"{name}: {seen}, expected {least}", least - seen)
    elif seen > least + slack:
        yield Finding(kind, Verdict.DOUBLED, f"{name}: {seen}, expected {least}", seen - least - slack)


def _timelines(world: World) -> Iterator[Finding]:
    """Everybody follows everybody: each home has every post, the newest first, once."""
    for person, api in world.people.items():
        home = [str(one["id"]) for one in _walk(api, "/v1/timelines/home")]
        expected = {
            one.id: f"post {one.id} of {one.author} at {person}" for one in world.ledger.posts if one.author != person
        }
        yield from _compared(Kind.TIMELINE, expected, home)
        for newer, older in pairwise(home):
            if older > newer:
                yield Finding(Kind.TIMELINE, Verdict.REORDERED, f"{older} after {newer} at {person}")


def _search(world: World) -> Iterator[Finding]:
    # Searches are counted by person: the next one asks at the next look.
    reader = list(world.people.values())[int(time.monotonic()) % len(world.people)]
    found = [str(one["post"]["id"]) for one in _walk(reader, "/v1/search", q=world.word)]
    yield from _compared(Kind.SEARCH, {one.id: f"post {one.id}" for one in world.ledger.posts}, found)


def _notifications(world: World) -> Iterator[Finding]:
    ledger = world.ledger
    likers = Counter(post for _, post in ledger.likes)
    for person, api in world.people.items():
        items = _walk(api, "/v1/notifications")
        told: Counter[tuple[str, str]] = Counter()
        for one in items:
            told[one["type"], str(one["postId"] or one["conversationId"])] += int(one["count"])
        for post in _by_author(world, person):
            name = f"{person} hears of likes of {post.id}"
            slack = ledger.unsure_likes[post.id]
            yield from _counted(Kind.LIKED, name, told["like", post.id], likers[post.id], slack)
        for post in (one for one in ledger.posts if one.mentions == person):
            yield from _counted(Kind.MENTION, f"{person} hears of {post.id}", told["mention", post.id], 1)
        received = Counter(one.conversation for one in ledger.messages if one.receiver == person)
        slack = ledger.unsure[Kind.MESSAGE]
        for conversation, count in received.items():
            name = f"{person} hears of messages in {conversation}"
            yield from _counted(Kind.TOLD, name, told["message", conversation], count, slack)
        unread = int(api.get("/v1/notifications/unread")["count"])
        new = sum(not one["read"] and not one["seen"] for one in items)
        yield from _counted(Kind.UNREAD, f"unread of {person}", unread, new)


def _messages(world: World) -> Iterator[Finding]:
    """Each message once, at the place that was acknowledged, without gaps."""
    for conversation, (person, _) in world.pairs.items():
        said = [one for one in world.ledger.messages if one.conversation == conversation]
        shown = _all_messages(world.people[person], conversation)
        mine = {one.client_id: f"message {one.seq} of {conversation}" for one in said}
        yield from _compared(Kind.MESSAGE, mine, [one["clientMessageId"] for one in shown])
        seqs = {one["clientMessageId"]: int(one["seq"]) for one in shown}
        yield from _moved(said, seqs)
        for later, earlier in pairwise(sorted((int(one["seq"]) for one in shown), reverse=True)):
            if later != earlier + 1:
                yield Finding(Kind.MESSAGE, Verdict.LOST, f"between {earlier} and {later} of {conversation}")


def _moved(said: list[Said], seqs: dict[str, int]) -> Iterator[Finding]:
    for one in said:
        if seqs.get(one.client_id, one.seq) != one.seq:
            what = f"message {one.client_id} was {one.seq}, is {seqs[one.client_id]}"
            yield Finding(Kind.MESSAGE, Verdict.REORDERED, what)
    for before, after in pairwise(said):
        if after.seq <= before.seq:
            yield Finding(Kind.MESSAGE, Verdict.REORDERED, f"{after.client_id} ({after.seq}) after {before.seq}")


def _all_messages(api: Api, conversation: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = api.get(f"/v1/conversations/{conversation}/messages", limit=_PAGE, cursor=cursor)
        found += page["items"]
        cursor = page["older"]
        if cursor is None:
            return found


def _uploads(world: World) -> Iterator[Finding]:
    for media_id, owner in list(world.ledger.uploads.items()):
        try:
            state = world.people[owner].get(f"/v1/media/{media_id}")["state"]
        except Problem as problem:
            if problem.status != 404:
                raise
            state = "gone"
        if state != "ready":
            verdict = Verdict.LOST if state in ("gone", "rejected") else Verdict.STUCK
            yield Finding(Kind.UPLOAD, verdict, f"media {media_id} is {state}")


def _sign_ups(world: World) -> Iterator[Finding]:
    """The account is there and the code of its mail confirms it, once: the mailbox keeps the newest mails only."""
    ledger = world.ledger
    waiting = [one for one in ledger.sign_ups if one not in ledger.confirmed]
    codes = _codes() if waiting else {}
    for email in ledger.sign_ups:
        standing = world.accounts.standing(email)
        if standing is None:
            yield Finding(Kind.SIGN_UP, Verdict.LOST, email)
        elif email in ledger.confirmed:
            if standing != "CONFIRMED":
                yield Finding(Kind.SIGN_UP, Verdict.LOST, f"the confirmation of {email}: {standing}")
        elif email not in codes:
            yield Finding(Kind.MAIL, Verdict.LOST, email)
        else:
            world.accounts.confirm(email, codes[email])
            ledger.confirmed.add(email)


def _client(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, headers=HELPER_HEADERS, timeout=5)


def _codes() -> dict[str, str]:
    """Code of the newest mail by address."""
    settings = Settings.load()
    with _client(settings.url("emulator")) as http, _client(settings.url("gateway")) as gateway:
        mails = EmulatorReader(http, gateway).mails()
    found: dict[str, str] = {}
    for mail in mails:
        if code := re.search(r"\b\d{6}\b", mail["body"]):
            found.setdefault(mail["to"], code[0])
    return found
