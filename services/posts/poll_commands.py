"""Voting in polls: one vote per person, which cannot be changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from services.common.clock import now
from services.common.errors import Conflict, Forbidden, Unprocessable
from services.posts.commands import PostCommands
from services.posts.model import Post
from services.posts.polls import Tally, checked_choices
from services.posts.resources import PollResource, poll_resource


class Votes(Protocol):
    """The repository, for voting."""

    def tally(self, post: Post) -> Tally: ...
    def choices(self, post_id: str, user_id: str) -> tuple[int, ...] | None: ...
    def vote(self, post: Post, user_id: str, choices: Sequence[int]) -> bool: ...


class PollCommands:
    """``vote``; the same vote again changes nothing."""

    def __init__(self, votes: Votes, posts: PostCommands, clock: Callable[[], datetime] = now) -> None:
        self._votes = votes
        self._posts = posts
        self._clock = clock

    def vote(self, viewer_id: str, post_id: str, choices: Sequence[int]) -> PollResource:
        """Cast a vote.

        Returns:
            The Poll resource with this vote in it; others' votes follow within a moment.

        Raises:
            NotFound: the post is not there for the viewer. Unprocessable: it has no poll. Forbidden: it is
                the caller's own.
            BadRequest: no such options, or too many. ProfileMissing: the viewer has none.
            Conflict: the poll has ended; the viewer voted otherwise before.
        """
        post = self._posts.seen(viewer_id, post_id)
        if post.poll is None:
            raise Unprocessable("This post has no poll.")
        if viewer_id == post.author_id:
            # They see the result from the start.
            raise Forbidden("You can't vote in your own poll.")
        wanted = checked_choices(post.poll, choices)
        self._posts.author(viewer_id)
        before = self._votes.choices(post_id, viewer_id)
        tally = self._votes.tally(post)
        if before is None:
            if post.poll.has_ended(self._clock()):
                raise Conflict("The poll has ended.")
            if self._votes.vote(post, viewer_id, wanted):
                tally = tally.with_vote(wanted, len(post.poll.options))
            else:
                before = self._votes.choices(post_id, viewer_id)
        if before is not None and before != wanted:
            raise Conflict("You have already voted; a vote can't be changed.")
        return poll_resource(post.poll, self._clock(), tally, choices=wanted)
