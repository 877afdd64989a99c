"""The rules: what each kind of person is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Asker(StrEnum):
    """The kinds of people, as they stand to the owner of what is asked for."""

    #: Without a token; API Gateway refuses with 401 before any function runs.
    ANONYMOUS = "anonymous"
    #: Signed in, and in the owner's conversation; nothing else lies between the two.
    MEMBER = "member"
    #: The owner blocks them.
    BLOCKED = "blocked"
    #: Moderators suspended the account.
    SUSPENDED = "suspended"
    #: Signed in, and not in the owner's conversation.
    OUTSIDER = "outsider"
    #: Follows the owner.
    FOLLOWER = "follower"
    OWNER = "owner"
    #: Groups of the token. Staff stand to the owner as an outsider does.
    MODERATOR = "moderator"
    ADMINISTRATOR = "administrator"
    DEVELOPER = "developer"


class AccessOutcome(StrEnum):
    """``YES``: it is done or shown. ``EMPTY``: 200 with nothing of the owner's in it. The others: the refusal."""

    YES = "yes"
    EMPTY = "empty"
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    SUSPENDED = "suspended"
    NOT_FOUND = "404"
    #: Nobody is their own other person.
    ONESELF = "422"


Y, EMPTY, N401, N403, SUSP, N404, SELF = AccessOutcome


@dataclass(frozen=True)
class AccessRule:
    """``answers`` has all askers."""

    name: str
    meaning: str
    answers: Mapping[Asker, AccessOutcome]


def _rule(name: str, meaning: str, otherwise: AccessOutcome, **deviations: AccessOutcome) -> AccessRule:
    """Nobody is let in without a token but where a rule says so."""
    answers = dict.fromkeys(Asker, otherwise) | {Asker.ANONYMOUS: N401}
    return AccessRule(name, meaning, MappingProxyType(answers | {Asker(one): it for one, it in deviations.items()}))


EVERYBODY = _rule("everybody", "No token is asked for.", Y, anonymous=Y)
READ = _rule("read", "Everybody signed in; what is personal in it is the caller's own.", Y)
COMMAND = _rule("command", "Everybody signed in, on what is the caller's own.", Y, suspended=SUSP)
LEAVE = _rule("leave", "Also suspended people: they appeal, take their data and leave.", Y)
OWN_READ = _rule("own read", "The owner alone; for others it is not there.", N404, owner=Y)
OWN_COMMAND = _rule("own command", "The owner alone; for others it is not there.", N404, owner=Y, suspended=SUSP)
#: On a post for followers.
POST_READ = _rule("post read", "Who may see the post (tried on one for followers).", N404, owner=Y, follower=Y)
POST_COMMAND = _rule(
    "post command", "Who may see the post (tried on one for followers).", N404, owner=Y, follower=Y, suspended=SUSP
)
POST_OTHERS = _rule(
    "post command of others", "As `post command`, but not for the author of the post.", N404, owner=N403, follower=Y,
    suspended=SUSP,
)  # fmt: skip
AUTHOR = _rule(
    "author", "The author; others hear 403 where they see the post, else 404.", N404, owner=Y, follower=N403,
    suspended=SUSP,
)  # fmt: skip
PERSON_READ = _rule("person read", "Everybody signed in; nothing for those whom the person blocks.", Y, blocked=EMPTY)
PERSON_COMMAND = _rule("person command", "Everybody signed in, about somebody else.", Y, suspended=SUSP, owner=SELF)
CONTACT = _rule(
    "contact", "As `person command`, but not across a block.", Y, suspended=SUSP, blocked=N403, owner=SELF
)  # fmt: skip
CONVERSATION_READ = _rule("conversation read", "Members of the conversation.", N404, owner=Y, member=Y)
CONVERSATION_COMMAND = _rule(
    "conversation command", "Members of the conversation.", N404, owner=Y, member=Y, suspended=SUSP
)
GROUP_COMMAND = _rule(
    "group command", "Owners and administrators of the group.", N404, owner=Y, member=N403, suspended=SUSP
)
GROUP_READ = _rule("group read", "Owners and administrators of the group.", N404, owner=Y, member=N403)
CALL_READ = _rule("call read", "Its two parties (tried with owner and member).", N404, owner=Y, member=Y)
CALL_COMMAND = _rule(
    "call command", "Its two parties (tried with owner and member).", N404, owner=Y, member=Y, suspended=SUSP
)
HANG_UP = _rule(
    "hang up", "Its two parties, also suspended; by HTTP tried with `hangup`, the other actions are closed to them.",
    N404, owner=Y, member=Y,
)  # fmt: skip
#: On a broadcast for followers.
LIVE_READ = _rule("live read", "Who may watch (tried on a broadcast for followers).", N404, owner=Y, follower=Y)
LIVE_COMMAND = _rule(
    "live command", "Who may watch (tried on a broadcast for followers).", N404, owner=Y, follower=Y, suspended=SUSP
)
LIVE_HOST = _rule(
    "live host", "The host; others hear 403 where they may watch, else 404.", N404, owner=Y, follower=N403,
    suspended=SUSP,
)  # fmt: skip
LIVE_END = _rule(
    "live end", "As `live host`, also suspended hosts; moderators too.", N404, owner=Y, follower=N403, moderator=Y,
    administrator=Y,
)  # fmt: skip
CALLEE = _rule("callee", "Who is called (tried with the member).", N404, owner=N403, member=Y, suspended=SUSP)
MESSAGE_AUTHOR = _rule(
    "message author", "Who wrote the message; other members hear 403.", N404, owner=Y, member=N403, suspended=SUSP
)
OWN_APPEAL = _rule("appeal", "Who is affected, also suspended; for others there is nothing.", N404, owner=Y)
MODERATION_READ = _rule(
    "moderation read", "Moderators and administrators.", N403, moderator=Y, administrator=Y, suspended=SUSP
)
MODERATION = _rule("moderation", "Moderators and administrators.", N403, moderator=Y, administrator=Y, suspended=SUSP)
#: In the order of the docs.
RULES = (
    EVERYBODY, READ, COMMAND, LEAVE, PERSON_READ, PERSON_COMMAND, CONTACT, POST_READ, POST_COMMAND, POST_OTHERS, AUTHOR,
    OWN_READ, OWN_COMMAND, OWN_APPEAL, CONVERSATION_READ, CONVERSATION_COMMAND, MESSAGE_AUTHOR, GROUP_READ,
    GROUP_COMMAND, CALL_READ, CALL_COMMAND, HANG_UP, CALLEE, LIVE_READ, LIVE_COMMAND, LIVE_HOST, LIVE_END,
    MODERATION_READ, MODERATION,
)  # fmt: skip
