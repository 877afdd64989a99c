"""Commands on groups: create, invite, rename, change roles, leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.chat import groups, model
from services.chat.groups import ADD_LIMIT, check_room, check_title, require
from services.chat.link_repository import JoinLink
from services.chat.member_repository import GroupChange, GroupPlan
from services.chat.model import Conversation, ConversationView, Member, MemberList, Role
from services.chat.ports import ChatPorts
from services.common.clock import now_text
from services.common.errors import BadRequest, FieldError, Forbidden, NotFound, Unprocessable


class GroupCommands:
    """Make, change, join and leave groups; answer requests."""

    def __init__(self, ports: ChatPorts) -> None:
        self._ports = ports

    def create(
        self, user_id: str, client_id: str, title: str, member_ids: Sequence[str], picture: str | None
    ) -> tuple[ConversationView, bool]:
        """Create a group of the caller's; returns whether it is new: the same client id makes no second one.

        Raises:
            BadRequest: see ``check_title`` and ``_newcomers``.
            NotFound: somebody does not exist.
            Forbidden: somebody takes no invitations from the caller.
            Unprocessable: the picture is no ready photo of your own.
        """
        conversation_id = model.group_id(user_id, client_id)
        if self._ports.chat.membership(conversation_id, user_id):
            return self._ports.view_of(user_id, conversation_id), False
        title = check_title(title)
        at = now_text()
        members = {user_id: Member("owner", 1, "active", at)}
        members |= self._newcomers(user_id, [one for one in member_ids if one != user_id], 1)
        head = self._picture(user_id, picture) if picture else {}
        created = self._ports.members.create_group(conversation_id, user_id, title, members, head)
        return self._ports.view_of(user_id, conversation_id), created

    def _newcomers(self, actor: str, user_ids: Sequence[str], since: int) -> dict[str, Member]:
        wanted = list(dict.fromkeys(user_ids))
        model.check_user_ids("userIds", wanted)
        if len(wanted) > ADD_LIMIT:
            fault = FieldError("userIds", f"at most {ADD_LIMIT} people at a time", str(len(wanted)))
            raise BadRequest("Too many people at a time.", fault)
        known = self._ports.people.find(wanted)
        for one in wanted:
            if one not in known:
                raise NotFound("Person not found.", FieldError("userIds", "people of this network", one))
        at = now_text()
        return {
            one: Member("member", since, state, at) for one, state in self._ports.privacy.states(actor, wanted).items()
        }

    def _picture(self, user_id: str, media_id: str) -> dict[str, str]:
        """Attributes of the head for the picture: its URL and its media id."""
        found = self._ports.media.picture_url(user_id, media_id)
        if found is None:
            fault = FieldError("avatarMediaId", "your own photo, with state ready", media_id[:64])
            raise Unprocessable("This picture can't be used.", fault)
        return {"avatarUrl": found, "avatarMediaId": media_id, "avatarOwnerId": user_id}

    def update(self, user_id: str, conversation_id: str, title: str | None, picture: str | None) -> None:
        """Another title or picture; ``None`` leaves it.

        Raises:
            NotFound: no member. Forbidden: no admin. BadRequest, Unprocessable: see above.
        """
        model.check_conversation_id(conversation_id)
        wanted = check_title(title) if title is not None else None

        def plan(head: Conversation, member_list: MemberList) -> GroupChange | None:
            require(member_list, user_id, "edit")
            if picture is not None:
                pictured = self._picture(user_id, picture)
                told = {"type": "pictured"} if wanted in (None, head.title) else {"type": "renamed", "title": wanted}
                return GroupChange(told, head={**pictured, **({"title": wanted} if wanted else {})})
            if wanted is None or wanted == head.title:
                return None
            return GroupChange({"type": "renamed", "title": wanted}, head={"title": wanted})

        self._ports.members.change(conversation_id, user_id, plan)

    def add_members(self, user_id: str, conversation_id: str, user_ids: Sequence[str]) -> None:
        """Invite people; members stay unchanged. New members see messages from now on.

        Raises:
            NotFound: no member, or somebody does not exist. Forbidden: no admin, or somebody takes no invitations.
            Unprocessable: more than 256.
        """
        model.check_conversation_id(conversation_id)

        def plan(head: Conversation, member_list: MemberList) -> GroupChange | None:
            require(member_list, user_id, "add")
            new = [one for one in dict.fromkeys(user_ids) if one not in member_list.members]
            check_room(member_list, len(new))
            members = self._newcomers(user_id, new, head.seq + 1)
            told = {"type": "added", "userIds": list(members), "title": head.title}
            return GroupChange(told, members, only_if=self._readmitting(head.id, members)) if members else None

        self._ports.members.change(conversation_id, user_id, plan)

    def _readmitting(self, conversation_id: str, user_ids: Iterable[str]) -> list[Mapping[str, Any]]:
        link = self._ports.links.of_group(conversation_id)
        barred = link.barred.intersection(user_ids) if link else ()
        return [self._ports.links.readmitting(link, barred)] if link and barred else []

    def remove_member(self, user_id: str, conversation_id: str, member_id: str) -> None:
        """Remove a member, who then no longer sees the group.

        The group's link does not let them in again; an admin, or a later link, can.

        Raises:
            NotFound: no member. Forbidden: the caller's role is not above theirs.
        """
        if member_id == user_id:
            return self.leave(user_id, conversation_id)
        model.check_conversation_id(conversation_id)

        def plan(head: Conversation, member_list: MemberList) -> GroupChange | None:
            require(member_list, user_id, "remove", member_id)
            if member_id not in member_list.members:
                return None
            link = self._ports.links.of_group(head.id)
            barring = [self._ports.links.barring(link, [member_id])] if link else []
            return GroupChange({"type": "removed", "userIds": [member_id]}, gone=[member_id], only_if=barring)

        self._ports.members.change(conversation_id, user_id, plan)
        return None

    def leave(self, user_id: str, conversation_id: str) -> None:
        """Leave; when the owner leaves, the longest-standing admin (else member) becomes the owner.

        Raises:
            NotFound: no member, or a conversation of two.
        """
        model.check_conversation_id(conversation_id)
        self._ports.members.change(conversation_id, user_id, leaving(user_id))

    def give_role(self, user_id: str, conversation_id: str, member_id: str, role: Role) -> None:
        """Change a member's role, as the owner; an owner who makes another member the owner becomes an admin.

        Raises:
            NotFound: no member, or they are none. Forbidden: not the owner. Unprocessable: the caller's own role.
        """
        model.check_conversation_id(conversation_id)

        def plan(_: Conversation, member_list: MemberList) -> GroupChange | None:
            mine = require(member_list, user_id, "role")
            if member_id == user_id:
                raise Unprocessable("You are the owner. Make somebody else the owner first; you then become an admin.")
            theirs = member_list.members.get(member_id)
            if theirs is None:
                raise NotFound("They are not in this group.")
            if theirs.role == role:
                return None
            if role == "owner" and theirs.state != "active":
                raise Unprocessable("They have not accepted the invitation yet.")
            members = {member_id: replace(theirs, role=role)}
            if role == "owner":
                members[user_id] = replace(mine, role="admin")
            return GroupChange({"type": "role", "userIds": [member_id], "role": role}, members)

        self._ports.members.change(conversation_id, user_id, plan)

    def make_link(self, user_id: str, conversation_id: str, hours: int) -> JoinLink:
        """A new link to join by. Raises: NotFound (no member), Forbidden (no admin)."""
        self._require_link_right(user_id, conversation_id)
        return self._ports.links.make(conversation_id, user_id, hours)

    def revoke_link(self, user_id: str, conversation_id: str) -> None:
        """The link stops working. Raises: NotFound (no member), Forbidden (no admin)."""
        self._require_link_right(user_id, conversation_id)
        self._ports.links.revoke(conversation_id)

    def _require_link_right(self, user_id: str, conversation_id: str) -> None:
        model.check_conversation_id(conversation_id)
        member_list = self._ports.chat.member_list(conversation_id)
        head = self._ports.chat.conversation(conversation_id)
        if member_list is None or head is None or head.kind != "group":
            raise model.no_conversation(conversation_id)
        require(member_list, user_id, "link")

    def join(self, user_id: str, token: str) -> ConversationView:
        """Join a group by its link; no effect for members.

        Raises:
            NotFound: the link does not exist, or has expired. Unprocessable: the group is full.
            Forbidden: an admin took the caller out since the link was made.
            Conflict: it was taken back at this moment.
        """
        conversation_id = self._ports.links.leading_to(token).conversation_id

        def plan(head: Conversation, member_list: MemberList) -> GroupChange | None:
            if user_id in member_list.members:
                return None
            link = self._ports.links.leading_to(token)
            if user_id in link.barred:
                raise Forbidden("You were removed from this group. Its admins can add you again.")
            check_room(member_list, 1)
            member = Member("member", head.seq + 1, "active", now_text())
            return GroupChange(
                {"type": "joined"}, {user_id: member}, only_if=[self._ports.links.still_holds(link, user_id)]
            )

        self._ports.members.change(conversation_id, user_id, plan)
        return self._ports.view_of(user_id, conversation_id)

    def answer_request(self, user_id: str, conversation_id: str, *, accept: bool) -> None:
        """Accept or decline a request; its author is not notified of a decline. Declining a group leaves it.

        Raises:
            NotFound: no member.
            Forbidden: it was accepted already and can't be declined any more.
        """
        model.check_conversation_id(conversation_id)
        head, mine = self._ports.chat.seen_by(conversation_id, user_id)
        if not accept and mine.state == "active":
            raise Forbidden("You have accepted this conversation.")
        if not accept and head.kind == "group":
            self.leave(user_id, conversation_id)
            return
        self._ports.members.answer(conversation_id, user_id, "active" if accept else "declined")


def leaving(user_id: str) -> GroupPlan:
    """The changes for ``leave``."""

    def plan(_: Conversation, member_list: MemberList) -> GroupChange | None:
        member_list.require(user_id)
        heir = groups.heir(member_list, user_id)
        members = {heir: replace(member_list.members[heir], role="owner")} if heir else {}
        told: dict[str, Any] = {"type": "left", "userIds": [heir] if heir else []}
        return GroupChange(told, members, gone=[user_id])

    return plan
