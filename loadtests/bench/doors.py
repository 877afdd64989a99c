"""The cost of the local guard: processor time per request, with and without it, in one run.

Two emulators of their own, side by side and in turns: one as ``make up`` starts it, one without guard, check of
signatures and rules of Cognito.
"""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from emulation.settings import DEFAULT_CREDENTIALS, REGION
from kit.system import processor_nanoseconds
from loadtests.bench.own_emulator import emulator_of
from loadtests.bench.report import Figure

_ROUNDS, _REQUESTS = 6, 20
_PASSWORD = "Quiet-Harbour-7"  # noqa: S105
_EMAIL = "bench@example.com"


@dataclass(frozen=True)
class _Emulator:
    """A running one; ``tasks`` are what is measured, by name."""

    process: subprocess.Popen[bytes]
    tasks: dict[str, Callable[[], Any]]

    def cost(self, name: str) -> float:
        """Microseconds of processor time a request, all threads together."""
        before = processor_nanoseconds(self.process.pid)
        for _ in range(_REQUESTS):
            self.tasks[name]()
        return (processor_nanoseconds(self.process.pid) - before) / _REQUESTS / 1000


def run() -> list[Figure]:
    """Medians over the rounds; the difference is the cost of guard and signatures (GetItem), and of Cognito's rules too
    (the others)."""
    with _started("emulation.emulator") as closed, _started("loadtests.bench.without_doors") as opened:
        found: dict[tuple[str, str], list[float]] = {}
        for _ in range(_ROUNDS):
            for name in closed.tasks:
                found.setdefault((name, "with doors"), []).append(closed.cost(name))
                found.setdefault((name, "without"), []).append(opened.cost(name))
                # Cognito has quotas by the second.
                time.sleep(1)
    note = f"processor time, median of {_ROUNDS} rounds of {_REQUESTS}"
    return [
        Figure("doors", f"{name}, {which}", statistics.median(values), "µs", note=note)
        for (name, which), values in found.items()
    ]


@contextlib.contextmanager
def _started(module: str) -> Iterator[_Emulator]:
    with emulator_of(module) as (process, url):
        yield _Emulator(process, _tasks(url))


def _tasks(url: str) -> dict[str, Callable[[], Any]]:
    where: dict[str, Any] = {"region_name": REGION, "endpoint_url": url}
    table = boto3.client("dynamodb", **where, **DEFAULT_CREDENTIALS.for_boto3())
    key: dict[str, Any] = {"TableName": "bench", "Key": {"pk": {"S": "1"}}}
    table.create_table(
        TableName="bench",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    public = boto3.client("cognito-idp", **where, config=Config(signature_version=UNSIGNED))
    client_id = _person(boto3.client("cognito-idp", **where, **DEFAULT_CREDENTIALS.for_boto3()))
    asked = {"USERNAME": _EMAIL, "PASSWORD": _PASSWORD}

    def sign_in() -> Any:
        return public.initiate_auth(ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=asked)

    tokens = sign_in()["AuthenticationResult"]
    again = {"REFRESH_TOKEN": tokens["RefreshToken"]}
    return {
        "GetItem (signed)": lambda: table.get_item(**key),
        "InitiateAuth (password)": sign_in,
        "InitiateAuth (refresh)": lambda: public.initiate_auth(
            ClientId=client_id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=again
        ),
        "GetUser": lambda: public.get_user(AccessToken=tokens["AccessToken"]),
    }


def _person(operator: Any) -> str:
    """A pool with one person; the id of its client."""
    made = operator.create_user_pool(PoolName="bench", UsernameAttributes=["email"])["UserPool"]["Id"]
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    client = operator.create_user_pool_client(UserPoolId=made, ClientName="bench", ExplicitAuthFlows=flows)
    address: Any = [{"Name": "email", "Value": _EMAIL}]
    operator.admin_create_user(UserPoolId=made, Username=_EMAIL, UserAttributes=address, MessageAction="SUPPRESS")
    operator.admin_set_user_password(UserPoolId=made, Username=_EMAIL, Password=_PASSWORD, Permanent=True)
    return str(client["UserPoolClient"]["ClientId"])
