"""Operator access to a network on an emulator, for drills: queues, alarms, processes to kill."""

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
    """Clients of the emulator's AWS APIs, and the processes that run its functions."""

    def __init__(self) -> None:
        self.url = Settings.load().url("emulator")
        self._session = boto3.Session(**Settings.load().emulation.credentials.for_boto3(), region_name=REGION)

    def client(self, service: str) -> Any:
        return self._session.client(service, endpoint_url=self.url)

    def table(self, context: str) -> Any:
        return self._session.resource("dynamodb", endpoint_url=self.url).Table(f"asyncsns-{context}")

    def wait_until_away(self, user_id: str) -> None:
        """Wait until the network knows that a person's last connection has ended: connected people get no pushes."""
        table, key = self.table("realtime"), {"pk": f"USER#{user_id}", "sk": "DEVICES"}
        eventually(
            lambda: [name for name in table.get_item(Key=key, ConsistentRead=True).get("Item", {}) if "CONN#" in name],
            lambda devices: not devices,
            "the last connection to end",
        )

    def facts(self, user_id: str, prefix: str) -> int:
        """Number of items of a person's notifications with this prefix: ``FACT#`` (notified), ``PUSHED#`` (pushed)."""
        key = Key("pk").eq(f"USER#{user_id}") & Key("sk").begins_with(prefix)
        found = self.table("notifications").query(KeyConditionExpression=key, ConsistentRead=True)
        return int(found["Count"])

    def alarm(self, name: str) -> str:
        (found,) = self.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return str(found["StateValue"])

    def environments(self, function: str) -> list[int]:
        """Process ids of the execution environments that run ``function`` at this moment."""
        answer = httpx.get(f"{self.url}/_asyncsns/environments", headers=HELPER_HEADERS, timeout=60)
        found = answer.json()["environments"]
        return [one["pid"] for one in found if one["function"] == function and one["running"]]


def freeze(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)


def thaw(pid: int) -> None:
    os.kill(pid, signal.SIGCONT)


def kill(pid: int) -> None:
    """Kill with SIGKILL, as the kernel does when memory runs out: the process cannot react."""
    os.kill(pid, signal.SIGKILL)
