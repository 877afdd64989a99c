"""Acts as people do, and writes acknowledged operations into the ledger."""

from __future__ import annotations

import random
import threading
import uuid
from collections import Counter
from collections.abc import Callable

import httpx

from kit.seed import media
from kit.settings import Settings
from loadtests.crash.insist import insist
from loadtests.crash.ledger import Kind, Ledger, Posted, Said
from loadtests.crash.world import PASSWORD, World

#: Pauses between two operations of one worker, in seconds: some seven operations a second in all.
_PAUSES = (0.3, 1.3)


class Traffic:
    """Workers, one for each kind of operation; ``with Traffic(…):`` runs them."""

    def __init__(self, world: World, seed: str) -> None:
        self._world, self._seed = world, seed
        self._ending = threading.Event()
        self._picture = media.avatar(0.6, 7)
        #: Answers that were not expected, and how often: shown, and tried again.
        self.odd: Counter[str] = Counter()
        acts = (self._post, self._like, self._upload, self._sign_up)
        conversations = [self._saying(conversation) for conversation in world.pairs]
        self._threads = [
            threading.Thread(target=self._work, args=(act, f"{seed}/{number}"), daemon=True)
            for number, act in enumerate((*acts, *conversations))
        ]

    def __enter__(self) -> Traffic:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Each worker finishes its current operation."""
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def _work(self, act: Callable[[random.Random], None], seed: str) -> None:
        chance = random.Random(seed)
        while not self._ending.wait(chance.uniform(*_PAUSES)):
            act(chance)

    @property
    def _ledger(self) -> Ledger:
        return self._world.ledger

    def _insist(self, act: Callable[[], None], kind: Kind) -> bool:
        """False, and recorded as unsure, when the outcome is unknown."""
        done = insist(act, self.odd)
        if not done:
            with self._ledger.lock:
                self._ledger.unsure[kind] += 1
        return done

    def _post(self, chance: random.Random) -> None:
        world = self._world
        author = chance.choice(list(world.people))
        mentioned = chance.choice(world.others(author)) if chance.random() < 0.4 else None
        word = f"x{uuid.UUID(int=chance.getrandbits(128)).hex[:12]}"
        text = f"{world.word} {word}" + (f" @{world.handles[mentioned]}" if mentioned else "")
        body = {"clientPostId": word, "text": text}

        def act() -> None:
            made = world.people[author].post("/v1/posts", body)
            with self._ledger.lock:
                self._ledger.posts.append(Posted(str(made["id"]), author, word, mentioned))

        self._insist(act, Kind.POST)

    def _like(self, chance: random.Random) -> None:
        with self._ledger.lock:
            posts = self._ledger.posts[-20:]
        if not posts:
            return
        post = chance.choice(posts)
        person = chance.choice(self._world.others(post.author))

        def act() -> None:
            self._world.people[person].put(f"/v1/posts/{post.id}/like")
            with self._ledger.lock:
                self._ledger.likes.add((person, post.id))

        if not self._insist(act, Kind.LIKE):
            self._ledger.unsure_likes[post.id] += 1

    def _saying(self, conversation: str) -> Callable[[random.Random], None]:
        def act(chance: random.Random) -> None:
            # One of the two never writes: writing marks as read, and then fewer notifications are right.
            sender, receiver = self._world.pairs[conversation]
            client_id = uuid.UUID(int=chance.getrandbits(128)).hex
            body = {"clientMessageId": client_id, "text": f"hello {client_id[:6]}"}

            def say() -> None:
                sent = self._world.people[sender].post(f"/v1/conversations/{conversation}/messages", body)
                with self._ledger.lock:
                    self._ledger.messages.append(Said(conversation, sender, receiver, client_id, int(sent["seq"])))

            self._insist(say, Kind.MESSAGE)

        return act

    def _upload(self, chance: random.Random) -> None:
        """Acknowledged when the storage has taken the file: it must then be processed."""
        api = self._world.people[owner := chance.choice(list(self._world.people))]
        asked = {"kind": "photo", "contentType": "image/png", "bytes": len(self._picture), "altText": ""}

        def act() -> None:
            permit = api.post("/v1/media", asked)
            form = permit["upload"]
            files = {"file": ("upload", self._picture, "image/png")}
            sent = httpx.post(Settings.load().reach(form["url"]), data=form["fields"], files=files, timeout=10)
            if sent.status_code >= 300:
                raise httpx.TransportError(f"{sent.status_code}")
            with self._ledger.lock:
                self._ledger.uploads[str(permit["media"]["id"])] = owner

        self._insist(act, Kind.UPLOAD)

    def _sign_up(self, chance: random.Random) -> None:
        email = f"{self._world.word}-{uuid.UUID(int=chance.getrandbits(128)).hex[:10]}@example.com"

        def act() -> None:
            self._world.accounts.sign_up(email, PASSWORD)
            with self._ledger.lock:
                self._ledger.sign_ups.append(email)

        self._insist(act, Kind.SIGN_UP)
