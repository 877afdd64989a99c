"""A row of the table: actions, and the kinds of people who may use them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Person(StrEnum):
    """The kinds of people, by the IAM role that they have. Moderators have the rights of end users on AWS."""

    DEVELOPER = "developer"
    #: The role that a developer takes on for a deployment.
    DEPLOYER = "deployer"
    ADMINISTRATOR = "administrator"
    END_USER = "end user"


NOBODY: frozenset[Person] = frozenset()


@dataclass(frozen=True)
class Right:
    """Actions on resources with those who may, in test stages (``dev``, ``staging``) and in ``prod``.

    Resources are patterns of ``str.format`` with the fields of ``Scope``.
    """

    #: The statement's id: letters and digits.
    sid: str
    what: str
    actions: tuple[str, ...]
    resources: tuple[str, ...] = ("*",)
    test: frozenset[Person] = NOBODY
    prod: frozenset[Person] = NOBODY
    #: Where ``actions`` has wildcards: the actions that the tests try.
    samples: tuple[str, ...] = ()

    @property
    def tried(self) -> tuple[str, ...]:
        return self.samples or self.actions

    def allows(self, person: Person, *, is_test: bool) -> bool:
        return person in (self.test if is_test else self.prod)


@dataclass(frozen=True)
class Refusal:
    """Actions that are always denied to the deploying role: a row of its permissions boundary."""

    sid: str
    what: str
    actions: tuple[str, ...]
    resources: tuple[str, ...] = ("*",)
    #: Only where people's data is kept: a test stage goes with all it has.
    only_prod: bool = False
    #: Refused unless the role has this boundary.
    bounded_by: str = ""


@dataclass(frozen=True)
class Scope:
    """One stage in one account."""

    prefix: str
    account: str
    region: str
    is_test: bool
    partition: str = "aws"
    #: The user pool's ARN: its id is made by AWS.
    user_pool: str = ""

    def arn(self, pattern: str) -> str:
        pool = self.user_pool or f"arn:{self.partition}:cognito-idp:{self.region}:{self.account}:userpool/*"
        return pattern.format(
            prefix=self.prefix,
            database=f"{self.prefix}_access_logs".replace("-", "_"),
            account=self.account,
            region=self.region,
            partition=self.partition,
            user_pool=pool,
        )
