"""Groups: rights of roles, and system lines about changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from services.chat.model import Member, MemberList, Message, Role, later
from services.common.errors import BadRequest, FieldError, Forbidden, Unprocessable
from services.common.ids import new_id
from services.common.text import clean

#: A member_list of this size is some 25 KB in its item, and a frame to all of them one record of 10 KB of ids.
GROUP_LIMIT = 256
#: People in one request: the transaction writes an item for each, and takes 100.
ADD_LIMIT = 50
TITLE_LIMIT = 80

Action = Literal["edit", "add", "remove", "link", "role", "erase"]
_RANK: dict[Role, int] = {"member": 0, "admin": 1, "owner": 2}
#: The least role for what concerns the group as a whole, or messages of lower ranks.
_LEAST: dict[Action, Role] = {
    "edit": "admin", "add": "admin", "remove": "admin", "link": "admin", "erase": "admin", "role": "owner",
}  # fmt: skip


def check_title(title: str) -> str:
    """Raises ``BadRequest``: empty, above 80 characters, control characters, more than one line."""
    result = clean("title", title, limit=TITLE_LIMIT, least=1)
    if "\n" in result or "\t" in result:
        raise BadRequest("A title is one line.", FieldError("title", "one line", repr(result)[:64]))
    return result


def require(member_list: MemberList, actor: str, action: Action, target: str | None = None) -> Member:
    """The actor as a member, if they may do this (to ``target``, whose role must be lower).

    Raises:
        NotFound: the actor is no member.
        Forbidden: their role is too low.
    """
    member = member_list.require(actor)
    if member.state != "active":
        raise Forbidden("Accept the invitation first.")
    if _RANK[member.role] < _RANK[_LEAST[action]]:
        raise Forbidden(f"This requires the role {_LEAST[action]!r} or above; yours is {member.role!r}.")
    if target is not None:
        other = member_list.members.get(target)
        if other is not None and _RANK[other.role] >= _RANK[member.role]:
            raise Forbidden("This requires a role above theirs.")
    return member


def check_room(member_list: MemberList, more: int) -> None:
    """Raises ``Unprocessable`` when the group would have more than 256 members."""
    if len(member_list.members) + more > GROUP_LIMIT:
        fault = FieldError("userIds", f"{GROUP_LIMIT} members at most", f"{len(member_list.members) + more}")
        raise Unprocessable("The group would be too large.", fault)


def heir(member_list: MemberList, leaving: str) -> str | None:
    """The next owner when the owner leaves: the longest-standing admin, else the longest-standing member."""
    others = [(user, one) for user, one in member_list.members.items() if user != leaving and one.state == "active"]
    if member_list.members[leaving].role != "owner" or not others:
        return None
    return min(others, key=lambda pair: (-_RANK[pair[1].role], pair[1].joined_at, pair[0]))[0]


def line(conversation_id: str, seq: int, actor: str, since: str, what: Mapping[str, Any]) -> Message:
    """A system line about a change of the group; it has its place in the log like any message.

    Args:
        what: ``{type: created | renamed | pictured | added | joined | left | removed | role, userIds, title?, role?}``
    """
    message_id = new_id()
    return Message(
        message_id, conversation_id, seq, actor, message_id, "", later(since), system={"userIds": [], **what}
    )
