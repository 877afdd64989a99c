"""The rules: what each kind of person is answered."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from services.common.lazy_dataclasses import dataclass


class Asker(StrEnum):
    """The kinds of people, by their relation to the owner of the requested resource."""

    #: Without a token; API Gateway refuses with 401 before any function runs.
    ANONYMOUS = "anonymous"
    #: Signed in, and in the owner's conversation; no other relation to the owner.
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
    #: By the groups in the token. To the owner, staff are outsiders.
    MODERATOR = "moderator"
    ADMINISTRATOR = "administrator"
    DEVELOPER = "developer"


class AccessOutcome(StrEnum):
    """``YES``: allowed. ``EMPTY``: 200 without the owner's data. The others: the refusal."""

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
    """Requests without a token are refused unless a rule says otherwise."""
    answers = dict.fromkeys(Asker, otherwise) | {Asker.ANONYMOUS: N401}
    return AccessRule(name, meaning, MappingProxyType(answers | {Asker(one): it for one, it in deviations.items()}))


EVERYBODY = _rule("everybody", "No token needed.", Y, anonymous=Y)
READ = _rule("read", "Everybody signed in; personal parts are the caller's own.", Y)
COMMAND = _rule("command", "Everybody signed in, on their own data.", Y, suspended=SUSP)
LEAVE = _rule("leave", "Everybody signed in, suspended people too: they can appeal, export their data and leave.", Y)
OWN_READ = _rule("own read", "The owner only; others get 404.", N404, owner=Y)
OWN_COMMAND = _rule("own command", "The owner only; others get 404.", N404, owner=Y, suspended=SUSP)
#: On a post for followers.
POST_READ = _rule(
    "post read", "People who may see the post (tested with a followers-only one).", N404, owner=Y, follower=Y
)
POST_COMMAND = _rule(
    "post command", "People who may see the post (tested with a followers-only one).", N404, owner=Y, follower=Y,
    suspended=SUSP,
)  # fmt: skip
POST_OTHERS = _rule(
    "post command of others", "As `post command`, but not for the author of the post.", N404, owner=N403, follower=Y,
    suspended=SUSP,
)  # fmt: skip
AUTHOR = _rule(
    "author", "The author; others get 403 if they may see the post, else 404.", N404, owner=Y, follower=N403,
    suspended=SUSP,
)  # fmt: skip
PERSON_READ = _rule(
    "person read", "Everybody signed in; people whom the person blocks get an empty response.", Y, blocked=EMPTY
)
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
CALL_READ = _rule("call read", "Its two parties (tested with owner and member).", N404, owner=Y, member=Y)
CALL_COMMAND = _rule(
    "call command", "Its two parties (tested with owner and member).", N404, owner=Y, member=Y, suspended=SUSP
)
HANG_UP = _rule(
    "hang up",
    "Its two parties, suspended ones too; by HTTP tested with `hangup`, the only action open to suspended people.",
    N404, owner=Y, member=Y,
)  # fmt: skip
#: On a broadcast for followers.
LIVE_READ = _rule(
    "live read", "People who may watch (tested with a followers-only broadcast).", N404, owner=Y, follower=Y
)
LIVE_COMMAND = _rule(
    "live command", "People who may watch (tested with a followers-only broadcast).", N404, owner=Y, follower=Y,
    suspended=SUSP,
)  # fmt: skip
LIVE_HOST = _rule(
    "live host", "The host; others get 403 if they may watch, else 404.", N404, owner=Y, follower=N403,
    suspended=SUSP,
)  # fmt: skip
LIVE_END = _rule(
    "live end", "As `live host`, but open to suspended hosts and to moderators.", N404, owner=Y, follower=N403,
    moderator=Y, administrator=Y,
)  # fmt: skip
CALLEE = _rule("callee", "The callee (tested with the member).", N404, owner=N403, member=Y, suspended=SUSP)
MESSAGE_AUTHOR = _rule(
    "message author", "The message's author; other members get 403.", N404, owner=Y, member=N403, suspended=SUSP
)
OWN_APPEAL = _rule("appeal", "The affected person, even when suspended; others get 404.", N404, owner=Y)
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
