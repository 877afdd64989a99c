"""Commands on posts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from services.common.clock import to_text
from services.common.errors import BadRequest, Conflict, FieldError, Forbidden, NotFound, ProfileMissing, Unprocessable
from services.common.ids import is_id, new_id, time_of
from services.common.lazy_dataclasses import dataclass
from services.common.relations import Relation
from services.common.resources import Author, MediaResource
from services.posts.model import (
    MEDIA_LIMIT,
    Entities,
    Post,
    ReplyTo,
    Visibility,
    checked_lang,
    checked_text,
    checked_warning,
    entities_of,
    handles_in,
)
from services.posts.polls import PollContent, checked_poll
from services.posts.quotes import QuoteOf
from services.posts.reply_policy import ReplyGate, ReplyPolicy
from services.posts.thread_paths import path_below


class Posts(Protocol):
    """The repository, for the commands."""

    def get(self, post_id: str) -> Post | None: ...
    def by_client_id(self, author_id: str, client_post_id: str) -> Post | None: ...
    def create(self, post: Post, also: Sequence[Mapping[str, Any]] = ()) -> bool: ...
    def delete(self, post: Post) -> bool: ...
    def like(self, post: Post, user_id: str) -> bool: ...
    def unlike(self, post_id: str, user_id: str) -> bool: ...


class PeopleDirectory(Protocol):
    """The profiles context, as far as posts need it."""

    def author(self, user_id: str) -> Author | None:
        """The short form of a person, or ``None`` without a profile."""

    def ids_of_handles(self, handles: Iterable[str]) -> Mapping[str, str]: ...
    def relation(self, viewer: str, other: str) -> Relation:
        """The viewer's relation to one person, or to themselves."""

    def blocked_between(self, user_id: str, others: Iterable[str]) -> set[str]: ...


class Library(Protocol):
    """The media context, as far as posts need it."""

    def ready(self, owner_id: str, media_ids: Sequence[str]) -> Mapping[str, MediaResource]:
        """Media id → Media resource, for those that are this owner's and ready."""

    def owned(self, owner_id: str, media_ids: Sequence[str]) -> set[str]:
        """Ids of this owner's media, in any state."""


class HomeTimeline(Protocol):
    """The timelines context, which shows authors their own post at once."""

    def add_own(self, author_id: str, post_id: str, visibility: str) -> None: ...


@dataclass(frozen=True)
class NewPost:
    """A new post, as the author sent it."""

    client_post_id: str
    text: str
    media_ids: Sequence[str] = ()
    visibility: Visibility = Visibility.PUBLIC
    reply_to: str | None = None
    lang: str | None = None
    poll: PollContent | None = None
    scheduled_id: str | None = None
    content_warning: str | None = None
    sensitive: bool = False
    quote_of: str | None = None
    reply_policy: ReplyPolicy | None = None
    #: Handle → user id, where it was settled before whom the text means: no other handle counts then.
    mentions: Mapping[str, str] | None = None


class PostCommands:
    """``publish``, ``delete``, ``like``, ``unlike``; each may be repeated without further effect."""

    def __init__(self, posts: Posts, people: PeopleDirectory, library: Library, home: HomeTimeline) -> None:
        self._posts = posts
        self._people = people
        self._library = library
        self._home = home

    def publish(self, author_id: str, draft: NewPost, also: Sequence[Mapping[str, Any]] = ()) -> tuple[Post, Author]:
        """Make a post; a client id that the author used before returns its post.

        Args:
            also: further writes of the same transaction (see ``dynamo.transact``).

        Returns:
            The post and its author's short form.

        Raises:
            BadRequest, Unprocessable: a rule on the content, media that are not the caller's and ready, a post that may
                not be quoted.
            ProfileMissing: the author has none.
            NotFound: the post to reply to, or to quote, is not there for the author.
            Forbidden: the thread's author does not let this person reply.
            Conflict: that client id made a post which is deleted now; a condition of ``also`` fails.
        """
        author = self.author(author_id)
        try:
            post = self.composed(author_id, draft)
        except (NotFound, Unprocessable, Forbidden):
            # A retry gets the first answer also when the parent or a medium is gone by now.
            first = self._posts.by_client_id(author_id, draft.client_post_id)
            if first is None or first.deleted:
                raise
            return first, author
        if not self._posts.create(post, also):
            post = self._first(author_id, draft.client_post_id)
        self._home.add_own(author_id, post.id, post.visibility.value)
        return post, author

    def author(self, author_id: str) -> Author:
        """The author's short form. Raises: ProfileMissing."""
        author = self._people.author(author_id)
        if author is None:
            raise ProfileMissing("Create a profile first: PUT /v1/me.")
        return author

    def composed(self, author_id: str, draft: NewPost) -> Post:
        """The post that ``draft`` makes now, not stored. Raises as ``publish``."""
        text = checked_text(draft.text, has_media=bool(draft.media_ids))
        lang = checked_lang(draft.lang, text)
        parent = self._answered(author_id, draft) if draft.reply_to else None
        post_id = new_id()
        entities = self.entities(author_id, text, draft.mentions, only_bound=draft.mentions is not None)
        return Post(
            id=post_id,
            author_id=author_id,
            text=text,
            lang=lang,
            created_at=to_text(time_of(post_id)),
            visibility=draft.visibility,
            client_post_id=draft.client_post_id,
            reply_to=ReplyTo(parent.id, parent.author_id) if parent else None,
            root_id=(parent.root_id or parent.id) if parent else None,
            media=tuple(self.media(author_id, draft.media_ids)),
            entities=entities,
            ever_mentioned=tuple(one.user_id for one in entities.mentions),
            poll=checked_poll(draft.poll, time_of(post_id)) if draft.poll else None,
            scheduled_id=draft.scheduled_id,
            content_warning=checked_warning(draft.content_warning),
            sensitive=draft.sensitive,
            quote_of=self._quoted(author_id, draft.quote_of) if draft.quote_of else None,
            gate=parent.gate if parent else _gate(draft.reply_policy, author_id, entities),
            path=path_below(parent.path, parent.author_id, post_id, author_id) if parent else "",
        )

    def _answered(self, author_id: str, draft: NewPost) -> Post:
        """The post to reply to. Raises: NotFound, Forbidden (its thread is not open to the author), BadRequest."""
        parent = self.seen(author_id, str(draft.reply_to))
        if draft.reply_policy is not None:
            expected = "nothing in a reply: the first post of a thread says who may reply"
            raise BadRequest(
                "A reply can't have a reply policy.", FieldError("replyPolicy", expected, draft.reply_policy)
            )
        if not self.may_reply(author_id, parent):
            raise Forbidden("The author of this thread lets only some people reply.")
        return parent

    def may_reply(self, user_id: str, post: Post) -> bool:
        """Whether someone who sees a post may reply to it."""
        gate = post.gate
        if gate is None:
            return True
        followed = gate.needs_follow and self._people.relation(gate.author_id, user_id).follows
        return gate.allows(user_id, followed)

    def _quoted(self, author_id: str, post_id: str) -> QuoteOf:
        """Raises: NotFound, Unprocessable (someone else's post that is not for everyone)."""
        post = self.seen(author_id, post_id)
        if not post.is_open and post.author_id != author_id:
            fault = FieldError("quoteOf", "a public or unlisted post, or one of your own", post.visibility.value)
            raise Unprocessable("This post can't be quoted.", fault)
        return QuoteOf(post.id, post.author_id)

    def entities(
        self, author_id: str, text: str, bound: Mapping[str, str] | None = None, *, only_bound: bool = False
    ) -> Entities:
        """The entities of a text with resolved handles; across a block, an ``@handle`` is only text.

        Args:
            bound: handle → user id of mentions that were resolved when they were written, even if the handle is another
            person's now.
            only_bound: look no other handle up.
        """
        known = bound or {}
        handles = handles_in(text)
        unbound = [] if only_bound else [handle for handle in handles if handle not in known]
        ids = dict(self._people.ids_of_handles(unbound)) if unbound else {}
        ids |= {handle: known[handle] for handle in handles if handle in known}
        blocked = self._people.blocked_between(author_id, set(ids.values()) - {author_id}) if ids else set()
        return entities_of(text, {handle: user_id for handle, user_id in ids.items() if user_id not in blocked})

    def _first(self, author_id: str, client_post_id: str) -> Post:
        post = self._posts.by_client_id(author_id, client_post_id)
        if post is None or post.deleted:
            raise Conflict("The post with this clientPostId was deleted.")
        return post

    def media(self, author_id: str, media_ids: Sequence[str]) -> list[MediaResource]:
        """Snapshots of the author's own ready media. Raises: BadRequest, Unprocessable."""
        if len(media_ids) > MEDIA_LIMIT or len(set(media_ids)) < len(media_ids):
            expected = f"at most {MEDIA_LIMIT} different media"
            raise BadRequest(f"mediaIds: expected {expected}.", FieldError("mediaIds", expected, str(len(media_ids))))
        if not media_ids:
            return []
        found = self._library.ready(author_id, media_ids)
        for media_id in media_ids:
            if media_id not in found:
                fault = FieldError("mediaIds", "your own media, with state ready", media_id)
                raise Unprocessable("A medium can't be used.", fault)
        return [found[media_id] for media_id in media_ids]

    def check_owned(self, author_id: str, media_ids: Sequence[str]) -> None:
        """Media of the author, in any state. Raises: NotFound, which names the first that is not theirs."""
        # A draft may hold any text where an id is expected.
        wanted = [one for one in media_ids if is_id(one)]
        found = self._library.owned(author_id, wanted) if wanted else set()
        for one in media_ids:
            if one not in found:
                got = one if one in wanted else repr(one[:64])
                raise NotFound("Media not found.", FieldError("mediaIds", "your own media", got))

    def seen(self, viewer_id: str, post_id: str) -> Post:
        """The post, if the viewer may see it. Raises: NotFound."""
        post = self._posts.get(post_id)
        if post is None or not post.visible_to(viewer_id, self._people.relation(viewer_id, post.author_id)):
            raise NotFound("Post not found.")
        return post

    def delete(self, viewer_id: str, post_id: str) -> None:
        """Raises: NotFound (not there for the viewer), Forbidden (someone else's)."""
        post = self._posts.get(post_id)
        if post is not None and post.author_id == viewer_id:
            self._posts.delete(post)
            return
        self.seen(viewer_id, post_id)
        raise Forbidden("Only its author can delete a post.")

    def like(self, viewer_id: str, post_id: str) -> None:
        """Raises: NotFound (not there for the viewer), ProfileMissing (the viewer has none)."""
        post = self.seen(viewer_id, post_id)
        self.author(viewer_id)
        self._posts.like(post, viewer_id)

    def unlike(self, viewer_id: str, post_id: str) -> None:
        """Unlike a post; no effect without a like. Works also on posts that the viewer can no longer see."""
        self._posts.unlike(post_id, viewer_id)


def _gate(policy: ReplyPolicy | None, author_id: str, entities: Entities) -> ReplyGate | None:
    if policy is None or policy is ReplyPolicy.EVERYONE:
        return None
    return ReplyGate(policy, author_id, tuple(one.user_id for one in entities.mentions))
