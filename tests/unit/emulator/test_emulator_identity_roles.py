"""Amazon Cognito Developer Guide, "Using role-based access control"."""

from __future__ import annotations

from emulation.emulator.cognito.identity_roles import Group, mapped_role, roles_of

DEVELOPER, ADMINISTRATOR = Group("arn:dev", 2), Group("arn:admin", 1)
TOKEN = {"Type": "Token", "AmbiguousRoleResolution": "AuthenticatedRole"}


def test_the_group_of_lowest_precedence_gives_the_preferred_role() -> None:
    assert roles_of([DEVELOPER, ADMINISTRATOR]) == (["arn:admin", "arn:dev"], "arn:admin")
    assert mapped_role(TOKEN, [DEVELOPER, ADMINISTRATOR], "arn:user") == "arn:admin"


def test_without_groups_people_get_the_authenticated_role_or_none() -> None:
    assert mapped_role(TOKEN, [], "arn:user") == "arn:user"
    assert mapped_role(TOKEN, [Group("")], "arn:user") == "arn:user"
    assert mapped_role({"Type": "Token", "AmbiguousRoleResolution": "Deny"}, [], "arn:user") is None


def test_two_roles_of_one_precedence_are_ambiguous() -> None:
    groups = [Group("arn:a", 1), Group("arn:b", 1)]
    assert roles_of(groups) == (["arn:a", "arn:b"], None)
    assert mapped_role(TOKEN, groups, "arn:user") == "arn:user"


def test_a_custom_role_must_be_one_of_the_tokens() -> None:
    assert mapped_role(TOKEN, [DEVELOPER, ADMINISTRATOR], "arn:user", custom="arn:dev") == "arn:dev"
    assert mapped_role(TOKEN, [DEVELOPER], "arn:user", custom="arn:admin") is None
