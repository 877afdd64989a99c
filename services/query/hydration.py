"""From references to resources: the posts of a page, their counters, authors and the viewer's likes in one request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from services.common.clock import now, to_text
from services.common.dynamo import Item, batch_get
from services.common.ids import time_of
from services.common.resources import Author
from services.common.signed_urls import granted
from services.posts.public import (
    V1,
    EngagementRepository,
    Mine,
    Post,
    PostBase,
    PostReadModel,
    PostRepository,
    PostResource,
    Repost,
    View,
    VoteRepository,
    poll_resource,
)
from services.profiles.public import (
    Mutes,
    PeopleReadModel,
    PersonResource,
    ProfileRepository,
    person_resource,
    unknown_author,
)
from services.timelines.public import Entry, once_per_post

#: A version of the Post resource.
R = TypeVar("R", bound=PostBase)
Items = dict[tuple[str, str, str], Item]
Found = Mapping[tuple[str, str, str], Item]


class Hydration:
    """Composes resources from the contexts' items; every post passes ``Post.visible_to``."""

    def __init__(self, posts: PostRepository, profiles: ProfileRepository) -> None:
        self._posts = PostReadModel(posts)
        self._people = PeopleReadModel(profiles)
        self._profiles = profiles
        self._edges = EngagementRepository(posts.name)
        self._votes = VoteRepository(posts.name)

    def entries(self, viewer_id: str, entries: Sequence[Entry]) -> list[PostResource]:
        """Posts of timeline entries in their order, each once, without deleted, hidden and muted ones."""
        ids = [entry.post_id for entry in entries]
        wanted = [*self._posts.keys(ids), *self._posts.counter_keys(ids)]
        answered = {entry.parent_author_id for entry in entries if entry.parent_author_id}
        authors = {one for entry in entries for one in (entry.author_id, entry.by)}
        mutes = self._people.mutes_key(viewer_id)
        found = self._read(wanted, [*self._people_keys(viewer_id, authors, answered), mutes])
        found |= self._edges.of_viewer(viewer_id, ids)
        muted = self._people.mutes(found, viewer_id)
        posts = {post.id: post for one in ids if (post := self._posts.post(found, one))}
        lines = once_per_post(
            [
                entry
                for entry in entries
                if entry.post_id in posts
                and self._wanted(viewer_id, posts[entry.post_id], muted, found)
                and self._wanted_from(viewer_id, entry.by, muted, found)
            ]
        )
        shown = self._shown(viewer_id, [posts[entry.post_id] for entry in lines], found, V1)
        return self._as_lines(lines, shown, found)

    def _wanted(self, viewer_id: str, post: Post, mutes: Mutes, found: Found) -> bool:
        """Whether a post belongs in a timeline of the viewer: it is not muted, and not a reply to a muted or blocked
        person."""
        if post.author_id == viewer_id:
            return True
        if mutes.hides(post.author_id, post.root_id or post.id, post.text, post.content_warning or ""):
            return False
        answered = post.reply_to.author_id if post.reply_to else viewer_id
        return self._wanted_from(viewer_id, answered, mutes, found)

    def _wanted_from(self, viewer_id: str, user_id: str, mutes: Mutes, found: Found) -> bool:
        """Whether the viewer wants posts by, or reposts of, a person."""
        return user_id not in mutes.people and not self._people.relation(found, viewer_id, user_id).blocked

    def posts(self, viewer_id: str, posts: Sequence[Post]) -> list[PostResource]:
        """Posts that were read already, in their order, regardless of mutes: the viewer searched for them."""
        return self._shown(viewer_id, posts, self._around(viewer_id, posts, set()), V1)

    def lines(self, viewer_id: str, entries: Sequence[Entry], posts: Mapping[str, Post]) -> list[PostResource]:
        """As ``posts``, for lines of which some are reposts; ``posts`` by id."""
        lines = once_per_post(entries)
        wanted = [posts[entry.post_id] for entry in lines]
        found = self._around(viewer_id, wanted, {entry.by for entry in lines})
        return self._as_lines(lines, self._shown(viewer_id, wanted, found, V1), found)

    def _as_lines(self, lines: Sequence[Entry], shown: Sequence[PostResource], found: Found) -> list[PostResource]:
        """Posts with the person who reposted them, and the time."""
        reposts = {entry.post_id: entry for entry in lines if entry.repost_id}
        return [self._reposted(one, reposts.get(one["id"]), found) for one in shown]

    def _reposted(self, document: PostResource, entry: Entry | None, found: Found) -> PostResource:
        if entry is None or entry.repost_id is None:
            return document
        repost: Repost = {
            "id": entry.repost_id,
            "by": self._people.author(found, entry.by),
            "at": to_text(time_of(entry.repost_id)),
        }
        return {**document, "repost": repost}

    def _around(self, viewer_id: str, posts: Sequence[Post], people: set[str]) -> Found:
        found = self._read(
            self._posts.counter_keys(post.id for post in posts),
            self._people_keys(viewer_id, people | {post.author_id for post in posts}),
        )
        return found | self._edges.of_viewer(viewer_id, [post.id for post in posts])

    def post(self, viewer_id: str, post_id: str, view: View[R]) -> R | None:
        """One post, or ``None`` when it isn't there for the viewer."""
        model = self._posts
        wanted = [*model.keys([post_id]), *model.counter_keys([post_id]), *model.edge_keys(post_id, viewer_id)]
        first = self._read(wanted, [])
        post = model.post(first, post_id)
        if post is None:
            return None
        people = self._read([], self._people_keys(viewer_id, {post.author_id}))
        shown = self._shown(viewer_id, [post], {**first, **people}, view)
        return shown[0] if shown else None

    def people(self, viewer_id: str, user_ids: Sequence[str], *, blocked: bool = False) -> list[PersonResource]:
        """Authors with ``bio`` and the viewer's ``relationship``, in the given order.

        Leaves out deleted people and, unless ``blocked`` is set, people with a block in either direction.
        """
        return self._persons(viewer_id, user_ids, self._around_people(viewer_id, user_ids), blocked=blocked)

    def people_of(self, viewer_id: str, owner_id: str, user_ids: Sequence[str]) -> list[PersonResource] | None:
        """``people`` on a list of ``owner_id``; ``None`` across a block, which hides the whole list."""
        found = self._around_people(viewer_id, user_ids, owner_id)
        if self._people.relation(found, viewer_id, owner_id).blocked:
            return None
        return self._persons(viewer_id, user_ids, found)

    def _around_people(self, viewer_id: str, user_ids: Sequence[str], *others: str) -> Found:
        people = self._people
        wanted = [people.mutes_key(viewer_id), *people.profile_keys(user_ids)]
        wanted += people.edge_keys(viewer_id, [*user_ids, *others])
        wanted += people.reverse_edge_keys(viewer_id, user_ids)
        return self._read([], wanted)

    def _persons(
        self, viewer_id: str, user_ids: Sequence[str], found: Found, *, blocked: bool = False
    ) -> list[PersonResource]:
        people = self._people
        muted = people.mutes(found, viewer_id).people
        shown = []
        for user_id in user_ids:
            profile = people.profile(found, user_id)
            if profile is None or (profile.suspended and user_id != viewer_id):
                continue
            if not blocked and people.relation(found, viewer_id, user_id).blocked:
                continue
            relationship = people.relationship(found, viewer_id, user_id, muting=user_id in muted)
            shown.append(person_resource(profile, relationship))
        return shown

    def authors(self, user_ids: Iterable[str]) -> dict[str, Author]:
        """User id → Author, a stand-in for those that are gone."""
        wanted = set(user_ids)
        found = self._profiles.authors(wanted)
        return {one: found[one].author() if one in found else unknown_author(one) for one in wanted}

    def _people_keys(self, viewer_id: str, authors: set[str], others: Iterable[str] = ()) -> list[tuple[str, str]]:
        """Profiles of the authors, and the viewer's edge to each of them and of the ``others``."""
        edges = self._people.edge_keys(viewer_id, {*authors, *others})
        return [*self._people.profile_keys(authors), *edges]

    def _read(self, post_side: Sequence[tuple[str, str]], people_side: Sequence[tuple[str, str]]) -> Items:
        wanted = {self._posts.table: post_side, self._people.table: people_side}
        return batch_get({name: keys for name, keys in wanted.items() if keys})

    def _shown(self, viewer_id: str, posts: Sequence[Post], found: Found, view: View[R]) -> list[R]:
        visible = [post for post in posts if self._is_visible(viewer_id, post, found)]
        found = {**found, **self._surroundings(viewer_id, visible)}
        shown = []
        for post in visible:
            author, counts = self._people.author(found, post.author_id), self._posts.counts(found, post.id)
            document = view.post(post, author, counts, self._mine(viewer_id, post, found))
            if post.quote_of:
                document = view.quoting(document, *self._quoted(viewer_id, post, found))
            shown.append(granted(document))
        self._show_polls(viewer_id, visible, shown, found)
        return shown

    def _show_polls(self, viewer_id: str, posts: Sequence[Post], shown: Sequence[PostBase], found: Found) -> None:
        """Fill in results and the viewer's votes: one more read, and only where a post of the page has a poll."""
        polls = {post.id: post for post in posts if post.poll}
        documents = [one for one in shown if one["id"] in polls]
        if not documents:
            return
        votes = self._votes.choices_of_many((one["id"] for one in documents), viewer_id)
        moment = now()
        for document in documents:
            post = polls[document["id"]]
            assert post.poll is not None
            tally = self._posts.tally(found, post)
            mine, own = votes.get(post.id), post.author_id == viewer_id
            document["poll"] = poll_resource(post.poll, moment, tally, choices=mine, author=own)

    def _is_visible(self, viewer_id: str, post: Post, found: Found) -> bool:
        if post.author_id != viewer_id and self._people.is_suspended(found, post.author_id):
            return False
        return post.visible_to(viewer_id, self._people.relation(found, viewer_id, post.author_id))

    def _surroundings(self, viewer_id: str, posts: Sequence[Post]) -> Found:
        """Items that depend on the read posts, in one more request if there are any: quoted posts, and whether the
        author of a thread follows the viewer."""
        quoted = {post.quote_of for post in posts if post.quote_of}
        authors = {one.author_id for one in quoted}
        gates = {post.gate.author_id for post in posts if post.gate and post.gate.needs_follow}
        people = self._people_keys(viewer_id, authors)
        people += self._people.reverse_edge_keys(viewer_id, gates)
        return self._read(self._posts.keys(one.post_id for one in quoted), people)

    def _quoted(self, viewer_id: str, quoting: Post, found: Found) -> tuple[Post | None, Author]:
        """The quoted post, if the viewer may see it, and its author."""
        assert quoting.quote_of is not None
        post = self._posts.post(found, quoting.quote_of.post_id)
        is_shown = post is not None and self._is_visible(viewer_id, post, found)
        return post if is_shown else None, self._people.author(found, quoting.quote_of.author_id)

    def _mine(self, viewer_id: str, post: Post, found: Found) -> Mine:
        gate = post.gate
        followed = gate is not None and self._people.relation(found, gate.author_id, viewer_id).follows
        can_reply = gate is None or gate.allows(viewer_id, followed)
        return self._posts.mine(found, post.id, viewer_id, can_reply=can_reply)
