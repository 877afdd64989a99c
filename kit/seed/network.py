"""Lets the people of the seed join, follow, upload, post, like and chat through the public API."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from kit.client import Account, Accounts, Api, Endpoints, Problem
from kit.seed import files as seed_files
from kit.seed.people import FOLLOWS, PASSWORD, PEOPLE, Person
from kit.seed.story import CHATS, GROUPS, PINS, POSTS, REPORTS, File, Said

T = TypeVar("T")
#: Each concurrent request keeps an execution environment of some 60 MB busy.
_WORKERS = 4
_PAINTERS = 2
#: As long as a poll may last.
_POLL_SECONDS = 7 * 24 * 3600


class Seeder:
    """One run. Natural keys (handle, ``clientPostId``, ``clientMessageId``) make a second one harmless."""

    def __init__(self, endpoints: Endpoints, accounts: Accounts) -> None:
        self._endpoints = endpoints
        self._accounts = accounts
        self._people: dict[str, tuple[Account, Api]] = {}
        self._posts: dict[str, str] = {}

    def run(self) -> dict[str, int]:
        """Everything in order; returns how many of each thing the network now has from the seed."""
        with ThreadPoolExecutor(_WORKERS) as pool, ThreadPoolExecutor(_PAINTERS) as painters:
            files = self._paint(painters)
            self._all(pool, PEOPLE, self._join)
            self._all(pool, FOLLOWS.items(), lambda pair: self._follow(*pair))
            for later in (False, True):  # Replies and quotes come after the post that they refer to.
                said_now = [said for said in POSTS if bool(said.to or said.quotes) is later]
                self._all(pool, said_now, lambda said: self._post(said, files))
            self._all(pool, POSTS, self._react)
            self._all(pool, PINS, lambda pair: self._pin(*pair))
            self._all(pool, REPORTS, lambda told: self._report(*told))
            self._all(pool, CHATS, lambda chat: self._chat(*chat))
            self._all(pool, GROUPS, lambda group: self._group(*group))
        return {"people": len(PEOPLE), "posts": len(POSTS), "chats": len(CHATS) + len(GROUPS)}

    def write_logins(self, endpoints_file: Path) -> None:
        """Add the logins to ``endpoints.json``: three members first, then the operators."""
        document = json.loads(endpoints_file.read_text("utf-8"))
        shown = [person for person in PEOPLE if person.groups or person.handle in ("hana", "kenta", "maya")]
        document["logins"] = [
            {
                "email": person.email,
                "password": PASSWORD,
                "role": person.role,
                "handle": person.handle,
                "userId": self._people[person.handle][0].user_id,
            }
            for person in shown
        ]
        temporary = endpoints_file.with_suffix(".tmp")
        temporary.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
        temporary.replace(endpoints_file)

    @staticmethod
    def _all(pool: ThreadPoolExecutor, items: Iterable[T], act: Callable[[T], None]) -> None:
        for future in [pool.submit(act, item) for item in items]:
            future.result()

    @staticmethod
    def _paint(pool: ThreadPoolExecutor) -> dict[File, Future[bytes]]:
        """Start making all files; each post waits only for its own."""
        return {file: pool.submit(seed_files.content, file) for file in seed_files.of_posts()}

    def _join(self, person: Person) -> None:
        account = self._accounts.join(person.email, PASSWORD, person.groups)
        api = Api(self._endpoints, account)
        self._people[person.handle] = (account, api)
        profile = {"handle": person.handle, "displayName": person.name, "bio": person.bio, "locale": person.locale}
        try:
            known = api.get("/v1/me")
        except Problem as problem:
            if problem.status != 404:
                raise
            known = api.put("/v1/me", profile)
        if not known.get("avatarUrl"):
            photo = api.upload("photo", "image/png", seed_files.avatar(person), person.name, slowing=True)
            api.put("/v1/me", {**profile, "avatarMediaId": photo})

    def _follow(self, handle: str, others: tuple[str, ...]) -> None:
        for other in others:
            self._api(handle).put(f"/v1/follows/{self._people[other][0].user_id}")

    def _post(self, said: Said, files: dict[File, Future[bytes]]) -> None:
        api = self._api(said.who)
        client_post_id = f"seed-{said.key}"
        if said.files and (known := self._posted(said)):
            self._posts[said.key] = known
            return
        ids = [_upload(api, file, files[file].result()) for file in said.files]
        body: dict[str, Any] = {"clientPostId": client_post_id, "text": said.text, "mediaIds": ids}
        if said.to:
            body["replyTo"] = self._posts[said.to]
        if said.quotes:
            body["quoteOf"] = self._posts[said.quotes]
        if said.warning:
            body["contentWarning"] = said.warning
        if said.poll:
            body["poll"] = {"options": list(said.poll), "durationSeconds": _POLL_SECONDS}
        self._posts[said.key] = str(api.post("/v1/posts", body)["id"])

    def _posted(self, said: Said) -> str | None:
        """Id of a post that is there already: its files need not be sent again."""
        account, api = self._people[said.who]
        page = api.get(f"/v1/users/{account.user_id}/posts", limit=50)
        return next((str(post["id"]) for post in page["items"] if post["text"] == said.text), None)

    def _react(self, said: Said) -> None:
        path = f"/v1/posts/{self._posts[said.key]}"
        for handle in said.likes:
            self._api(handle).put(f"{path}/like")
        for handle in said.reposts:
            self._api(handle).put(f"{path}/repost")
        for handle, emoji in said.reactions:
            self._api(handle).put(f"{path}/reaction", {"emoji": emoji})
        for handle, choice in said.votes:
            self._vote(handle, path, choice)

    def _vote(self, handle: str, path: str, choice: int) -> None:
        try:
            self._api(handle).put(f"{path}/vote", {"choices": [choice]})
        except Problem as problem:
            if problem.status != 409:  # Seeded again a week later, the poll has ended.
                raise

    def _pin(self, handle: str, key: str) -> None:
        self._api(handle).put(f"/v1/posts/{self._posts[key]}/pin")

    def _report(self, handle: str, key: str, reason: str, comment: str) -> None:
        body = {"kind": "post", "subjectId": self._posts[key], "reason": reason, "comment": comment}
        self._api(handle).post("/v1/reports", body)

    def _chat(self, pair: tuple[str, str], lines: tuple[tuple[str, str], ...]) -> None:
        first, second = pair
        member = self._people[second][0].user_id
        conversation = self._api(first).post("/v1/conversations", {"memberId": member})["id"]
        for number, (who, text) in enumerate(lines):
            message = {"clientMessageId": f"seed-{first}-{second}-{number}", "text": text}
            self._api(who).post(f"/v1/conversations/{conversation}/messages", message)

    def _group(self, title: str, members: tuple[str, ...], lines: tuple[tuple[str, str, int | None, str], ...]) -> None:
        """Who makes it stands first; the others answer, by which they accept the invitation."""
        ids = [self._people[one][0].user_id for one in members[1:]]
        body = {"clientGroupId": f"seed-{'-'.join(members)}", "title": title, "userIds": ids}
        conversation = self._api(members[0]).post("/v1/conversations/groups", body)["id"]
        for number, (who, text, reply_to, reaction) in enumerate(lines):
            message = {"clientMessageId": f"seed-{number}", "text": text, "replyTo": reply_to}
            sent = self._api(who).post(f"/v1/conversations/{conversation}/messages", message)
            path = f"/v1/conversations/{conversation}/messages/{sent['seq']}/reaction"
            self._api(members[0]).put(path, {"emoji": reaction})

    def _api(self, handle: str) -> Api:
        return self._people[handle][1]


_TYPES = {"photo": "image/jpeg", "video": "video/mp4", "audio": "audio/wav"}


def _upload(api: Api, file: File, content: bytes) -> str:
    return api.upload(file.kind, _TYPES[file.kind], content, file.alt, slowing=True)
