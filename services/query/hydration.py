"""From references to resources: the posts of a page, their counters, authors and the viewer's likes in one request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.common.clock import now, to_text
from services.common.dynamo import Item, batch_get
from services.common.ids import time_of
from services.common.signed_urls import granted
from services.common.ties import Tie, tie_of
from services.posts.public import (
    V1,
    EngagementRepository,
    Mine,
    Post,
    PostRepository,
    View,
    VoteRepository,
    bookmark_key,
    counts_key,
    counts_of,
    edge_keys,
    like_key,
    poll_json,
    post_key,
    post_of,
    reaction_key,
    repost_key,
    tally_of,
)
from services.profiles.public import (
    Mutes,
    ProfileRepository,
    Relationship,
    follow_key,
    mutes_key,
    mutes_of_item,
    profile_key,
    profile_of,
    relationship_of,
    unknown_author,
)
from services.timelines.public import Entry, once_per_post

Json = dict[str, Any]
Items = dict[tuple[str, str, str], Item]
Found = Mapping[tuple[str, str, str], Item]


class Hydration:
    """Composes what the contexts keep; every post passes ``Post.visible_to`` on its way out."""

    def __init__(self, posts: PostRepository, profiles: ProfileRepository) -> None:
        self._posts = posts
        self._profiles = profiles
        self._edges = EngagementRepository(posts.name)
        self._votes = VoteRepository(posts.name)

    def entries(self, viewer_id: str, entries: Sequence[Entry]) -> list[Json]:
        """Posts of timeline entries in their order, each once, without those that are gone, not for the viewer, or
        muted."""
        ids = [entry.post_id for entry in entries]
        wanted = [key(one) for key in (post_key, counts_key) for one in ids]
        answered = {entry.parent_author_id for entry in entries if entry.parent_author_id}
        authors = {one for entry in entries for one in (entry.author_id, entry.by)}
        mutes = mutes_key(viewer_id)
        found = self._read(wanted, [*self._people_keys(viewer_id, authors, answered), mutes])
        found |= self._edges.of_viewer(viewer_id, ids)
        muted = mutes_of_item(self._profile_item(found, mutes))
        items = [found.get((self._posts.name, *post_key(entry.post_id))) for entry in entries]
        posts = {item["id"]: post_of(item) for item in items if item}
        lines = once_per_post(
            [
                entry
                for entry in entries
                if entry.post_id in posts
                and self._wanted(viewer_id, posts[entry.post_id], muted, found)
                and self._wanted_from(viewer_id, entry.by, muted, found)
            ]
        )
        return self._as_lines(lines, self._shown(viewer_id, [posts[entry.post_id] for entry in lines], found), found)

    def _wanted(self, viewer_id: str, post: Post, mutes: Mutes, found: Found) -> bool:
        """Whether a post belongs into a timeline of the viewer: neither muted, nor an answer to who is muted or
        blocked."""
        if post.author_id == viewer_id:
            return True
        if mutes.hides(post.author_id, post.root_id or post.id, post.text, post.content_warning or ""):
            return False
        answered = post.reply_to.author_id if post.reply_to else viewer_id
        return self._wanted_from(viewer_id, answered, mutes, found)

    def _wanted_from(self, viewer_id: str, user_id: str, mutes: Mutes, found: Found) -> bool:
        """Whether the viewer wants to hear of or through someone."""
        return user_id not in mutes.people and not self._tie(found, viewer_id, user_id).blocked

    def posts(self, viewer_id: str, posts: Sequence[Post]) -> list[Json]:
        """Posts that were read already, in their order; here mutes hide nothing: somebody looked for them."""
        return self._shown(viewer_id, posts, self._around(viewer_id, posts, set()))

    def lines(self, viewer_id: str, entries: Sequence[Entry], posts: Mapping[str, Post]) -> list[Json]:
        """As ``posts``, for lines of which some are reposts; ``posts`` by id."""
        lines = once_per_post(entries)
        wanted = [posts[entry.post_id] for entry in lines]
        found = self._around(viewer_id, wanted, {entry.by for entry in lines})
        return self._as_lines(lines, self._shown(viewer_id, wanted, found), found)

    def _as_lines(self, lines: Sequence[Entry], shown: Sequence[Json], found: Found) -> list[Json]:
        """Posts with who reposted them, and when."""
        reposts = {entry.post_id: entry for entry in lines if entry.repost_id}
        return [self._reposted(one, reposts.get(one["id"]), found) for one in shown]

    def _reposted(self, document: Json, entry: Entry | None, found: Found) -> Json:
        if entry is None or entry.repost_id is None:
            return document
        by = {"id": entry.repost_id, "by": self._author(entry.by, found), "at": to_text(time_of(entry.repost_id))}
        return {**document, "repost": by}

    def _around(self, viewer_id: str, posts: Sequence[Post], people: set[str]) -> Found:
        found = self._read(
            [counts_key(post.id) for post in posts],
            self._people_keys(viewer_id, people | {post.author_id for post in posts}),
        )
        return found | self._edges.of_viewer(viewer_id, [post.id for post in posts])

    def post(self, viewer_id: str, post_id: str, view: View = V1) -> Json | None:
        """One post, or ``None`` when it isn't there for the viewer."""
        key = post_key(post_id)
        others = [counts_key(post_id), *edge_keys(post_id, viewer_id)]
        first = batch_get({self._posts.name: [key, *others]})
        item = first.get((self._posts.name, *key))
        if item is None:
            return None
        post = post_of(item)
        people = self._read([], self._people_keys(viewer_id, {post.author_id}))
        return next(iter(self._shown(viewer_id, [post], {**first, **people}, view)), None)

    def people(
        self, viewer_id: str, user_ids: Sequence[str], *, of: str | None = None, blocked: bool = False
    ) -> list[Json]:
        """Authors with ``bio`` and the viewer's ``relationship``, in the given order.

        Left out are those who are gone and, unless ``blocked`` asks for them, those with whom there is a block.

        Args:
            of: whose list it is: nobody is on it for a viewer with whom there is a block.
        """
        others = [one for one in (*user_ids, *([of] if of else [])) if one != viewer_id]
        mutes = mutes_key(viewer_id)
        wanted = [mutes, *(profile_key(one) for one in user_ids)]
        wanted += [follow_key(viewer_id, one) for one in others]
        wanted += [follow_key(one, viewer_id) for one in user_ids if one != viewer_id]
        found = self._read([], wanted)
        if of is not None and self._tie(found, viewer_id, of).blocked:
            return []
        muted = mutes_of_item(self._profile_item(found, mutes)).people
        people = []
        for user_id in user_ids:
            item = self._profile_item(found, profile_key(user_id))
            if item is None or (item.get("suspended") and user_id != viewer_id):
                continue
            if not blocked and self._tie(found, viewer_id, user_id).blocked:
                continue
            relationship = relationship_of(
                self._profile_item(found, follow_key(viewer_id, user_id)),
                self._profile_item(found, follow_key(user_id, viewer_id)),
                muting=user_id in muted,
            )
            relationship = Relationship(itself=True) if user_id == viewer_id else relationship
            profile = profile_of(item)
            people.append({**profile.author(), "bio": profile.bio, "relationship": relationship.to_json()})
        return people

    def authors(self, user_ids: Iterable[str]) -> dict[str, Json]:
        """User id → Author, a stand-in for those that are gone."""
        wanted = set(user_ids)
        found = self._profiles.authors(wanted)
        return {one: found[one].author() if one in found else unknown_author(one) for one in wanted}

    def _people_keys(self, viewer_id: str, authors: set[str], others: Iterable[str] = ()) -> list[tuple[str, str]]:
        """Profiles of the authors, and the viewer's edge to each of them and of the ``others``."""
        tied = {*authors, *others} - {viewer_id}
        edges = [follow_key(viewer_id, one) for one in tied]
        return [*(profile_key(one) for one in authors), *edges]

    def _tie(self, found: Found, viewer_id: str, author_id: str) -> Tie:
        return tie_of(self._profile_item(found, follow_key(viewer_id, author_id)))

    def _read(self, post_side: Sequence[tuple[str, str]], people_side: Sequence[tuple[str, str]]) -> Items:
        wanted = {self._posts.name: post_side, self._profiles.name: people_side}
        return batch_get({name: keys for name, keys in wanted.items() if keys})

    def _profile_item(self, found: Found, key: tuple[str, str]) -> Item | None:
        return found.get((self._profiles.name, *key))

    def _shown(self, viewer_id: str, posts: Sequence[Post], found: Found, view: View = V1) -> list[Json]:
        visible = [post for post in posts if self._is_visible(viewer_id, post, found)]
        found = {**found, **self._surroundings(viewer_id, visible)}
        shown = []
        for post in visible:
            counts = counts_of(found.get((self._posts.name, *counts_key(post.id))))
            author = self._author(post.author_id, found)
            document = view.post(post, author, counts, self._mine(viewer_id, post, found))
            if post.quote_of:
                document = view.quoting(document, *self._quoted(viewer_id, post.quote_of.post_id, found))
            shown.append(granted(document))
        self._show_polls(viewer_id, visible, shown, found)
        return shown

    def _show_polls(self, viewer_id: str, posts: Sequence[Post], shown: Sequence[Json], found: Found) -> None:
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
            counts = found.get((self._posts.name, *counts_key(post.id)))
            tally = tally_of(counts, len(post.poll.options))
            mine, own = votes.get(post.id), post.author_id == viewer_id
            document["poll"] = poll_json(post.poll, moment, tally, choices=mine, author=own)

    def _is_visible(self, viewer_id: str, post: Post, found: Found) -> bool:
        author = self._profile_item(found, profile_key(post.author_id))
        if author and author.get("suspended") and post.author_id != viewer_id:
            return False
        return post.visible_to(viewer_id, self._tie(found, viewer_id, post.author_id))

    def _author(self, user_id: str, found: Found) -> Json:
        item = self._profile_item(found, profile_key(user_id))
        return profile_of(item).author() if item else unknown_author(user_id)

    def _surroundings(self, viewer_id: str, posts: Sequence[Post]) -> Found:
        """What only the posts themselves tell of, in one more request where there is any: quoted posts, and whether
        the author of a thread follows the viewer."""
        quoted = {post.quote_of for post in posts if post.quote_of}
        authors = {one.author_id for one in quoted}
        gates = {post.gate.author_id for post in posts if post.gate and post.gate.needs_follow}
        people = self._people_keys(viewer_id, authors)
        people += [follow_key(one, viewer_id) for one in gates if one != viewer_id]
        return self._read([post_key(one.post_id) for one in quoted], people)

    def _quoted(self, viewer_id: str, post_id: str, found: Found) -> tuple[Post | None, Json]:
        """The quoted post with its author, if it is there for the viewer."""
        item = found.get((self._posts.name, *post_key(post_id)))
        post = post_of(item) if item else None
        if post is None or not self._is_visible(viewer_id, post, found):
            return None, {}
        return post, self._author(post.author_id, found)

    def _mine(self, viewer_id: str, post: Post, found: Found) -> Mine:
        def edge(key: tuple[str, str]) -> Item | None:
            return found.get((self._posts.name, *key))

        gate, reaction = post.gate, edge(reaction_key(post.id, viewer_id))
        followed = gate is not None and self._tie(found, gate.author_id, viewer_id).follows
        return Mine(
            liked=edge(like_key(post.id, viewer_id)) is not None,
            reposted=edge(repost_key(post.id, viewer_id)) is not None,
            reaction=reaction["emoji"] if reaction else None,
            bookmarked=edge(bookmark_key(post.id, viewer_id)) is not None,
            can_reply=gate is None or gate.allows(viewer_id, followed),
        )
