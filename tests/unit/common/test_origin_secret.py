"""How the CloudFront origin secret is read, and the behaviour when it is absent."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.common.entry import origin
from services.common.entry.origin import CURRENT, PENDING, PREVIOUS, OriginGate
from services.common.errors import Unavailable


class Secrets:
    """A fake Secrets Manager with the versions of one secret, by staging label."""

    def __init__(self, **versions: str) -> None:
        self.versions = versions
        self.code = "ResourceNotFoundException"
        self.asked: list[str] = []

    def get_secret_value(self, *, SecretId: str, VersionStage: str) -> dict[str, str]:
        assert SecretId == "the-secret"
        self.asked.append(VersionStage)
        if VersionStage not in self.versions:
            raise ClientError({"Error": {"Code": self.code}}, "GetSecretValue")  # type: ignore[typeddict-item]
        return {"SecretString": self.versions[VersionStage]}


def gate_of(monkeypatch: pytest.MonkeyPatch, secrets: Secrets) -> OriginGate:
    monkeypatch.setattr(origin, "client", {"secretsmanager": secrets}.__getitem__)
    return OriginGate.of("the-secret")


def sent(value: str) -> dict[str, Any]:
    return {"headers": {origin.HEADER: value}}


def test_the_current_value_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = Secrets(AWSCURRENT="now")
    gate = gate_of(monkeypatch, secrets)
    assert [gate.admits(sent("now")) for _ in range(3)] == [True] * 3
    assert secrets.asked == [CURRENT]


def test_a_label_without_a_version_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = Secrets(AWSCURRENT="now", AWSPREVIOUS="before")
    gate = gate_of(monkeypatch, secrets)
    assert gate.admits(sent("before"))
    assert secrets.asked == [CURRENT, CURRENT, PENDING, PREVIOUS]


@pytest.mark.parametrize("versions", [{}, {"AWSPREVIOUS": "before"}])
def test_without_a_current_value_nothing_can_be_checked(
    monkeypatch: pytest.MonkeyPatch, versions: dict[str, str]
) -> None:
    with pytest.raises(Unavailable, match="can't check the origin of requests"):
        gate_of(monkeypatch, Secrets(**versions)).admits(sent("before"))


def test_a_label_without_read_permission_is_not_treated_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = Secrets(AWSCURRENT="now", AWSPREVIOUS="before")
    secrets.code = "AccessDeniedException"
    gate = gate_of(monkeypatch, secrets)
    assert not gate.admits(sent("before"))
    assert secrets.asked == [CURRENT, CURRENT, PENDING]


def test_a_wrong_value_is_looked_up_again_after_two_seconds() -> None:
    now, reads = [1000.0], []

    def read(stage: str) -> str:
        reads.append(stage)
        return "now"

    gate = OriginGate(read, lambda: now[0])
    counts = []
    for at in (1000.0, 1001.9, 1002.0):
        now[0] = at
        assert not gate.admits(sent("guess"))
        counts.append(len(reads))
    assert counts == [4, 4, 7]


def test_a_request_without_the_header_costs_no_further_read() -> None:
    reads: list[str] = []

    def read(stage: str) -> str:
        reads.append(stage)
        return "now"

    assert not OriginGate(read).admits({"headers": {}})
    assert reads == [CURRENT]
