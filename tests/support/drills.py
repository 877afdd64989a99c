"""Behind the public addresses of a network on an emulator, for drills: queues, alarms, processes to kill."""

from __future__ import annotations

import os
import signal
from typing import Any

import boto3
import httpx
from boto3.dynamodb.conditions import Key

from emulation.guard import HELPER_HEADERS
from emulation.settings import REGION
from kit.settings import Settings
from tests.support.people import eventually


class Backstage:
    """Clients of the emulator's AWS APIs, and the processes in which its functions run."""

    def __init__(self) -> None:
        self.url = Settings.load().url("emulator")
        self._session = boto3.Session(**Settings.load().emulation.credentials.for_boto3(), region_name=REGION)

    def client(self, service: str) -> Any:
        return self._session.client(service, endpoint_url=self.url)

    def table(self, context: str) -> Any:
        return self._session.resource("dynamodb", endpoint_url=self.url).Table(f"asyncsns-{context}")

    def wait_until_away(self, user_id: str) -> None:
        """Until the network knows that the last connection of a person has ended: who is there gets no pushes."""
        table, key = self.table("realtime"), Key("pk").eq(f"USER#{user_id}") & Key("sk").begins_with("CONN#")
        eventually(
            lambda: table.query(KeyConditionExpression=key, ConsistentRead=True)["Count"],
            lambda count: count == 0,
            "the last connection to end",
        )

    def facts(self, user_id: str, prefix: str) -> int:
        """How many items of a person's notifications have this prefix: ``FACT#`` (told), ``PUSHED#`` (pushed)."""
        key = Key("pk").eq(f"USER#{user_id}") & Key("sk").begins_with(prefix)
        found = self.table("notifications").query(KeyConditionExpression=key, ConsistentRead=True)
        return int(found["Count"])

    def alarm(self, name: str) -> str:
        (found,) = self.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return str(found["StateValue"])

    def environments(self, function: str) -> list[int]:
        """Process ids of the execution environments in which ``function`` is working right now."""
        answer = httpx.get(f"{self.url}/_asyncsns/environments", headers=HELPER_HEADERS, timeout=60)
        found = answer.json()["environments"]
        return [one["pid"] for one in found if one["function"] == function and one["running"]]


def freeze(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)


def thaw(pid: int) -> None:
    os.kill(pid, signal.SIGCONT)


def kill(pid: int) -> None:
    """As the kernel does when memory is out: nothing in the process hears of it."""
    os.kill(pid, signal.SIGKILL)
