"""Which requests make a snapshot due, and that generations and journals are complete at any moment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulation.emulator.integrity import JOURNAL_NAME
from emulation.emulator.journal import Journal
from emulation.emulator.journalled import STATES
from emulation.emulator.snapshot import Encoding, SnapshotStore, StateInUseError, take
from emulation.emulator.touches import touched_services

ENCODING = Encoding(version_of=lambda service: 1, default=str)


def headers(target: str = "", scope: str = "") -> list[tuple[bytes, bytes]]:
    found = []
    if target:
        found.append((b"x-amz-target", target.encode()))
    if scope:
        credential = f"AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{scope}/aws4_request, Signature=0"
        found.append((b"authorization", credential.encode()))
    return found


@pytest.mark.parametrize(
    ("method", "path", "sent", "touched"),
    [
        ("POST", "/", headers("DynamoDB_20120810.GetItem", "dynamodb"), set()),
        ("POST", "/", headers("DynamoDB_20120810.PutItem", "dynamodb"), set()),  # the journal covers it
        ("POST", "/", headers("DynamoDB_20120810.CreateTable", "dynamodb"), STATES),
        ("POST", "/", headers("DynamoDBStreams_20120810.GetRecords", "dynamodb"), set()),
        ("POST", "/", headers("Kinesis_20131202.GetRecords", "kinesis"), set()),
        ("POST", "/", headers("Kinesis_20131202.PutRecord", "kinesis"), set()),
        ("POST", "/", headers("Kinesis_20131202.SplitShard", "kinesis"), STATES),
        ("POST", "/", headers("AmazonSQS.SendMessage", "sqs"), set()),
        ("POST", "/", headers("AmazonSQS.Unheard", "sqs"), STATES),
        ("POST", "/", headers(scope="sns"), {"sns"}),
        ("POST", "/", headers("AWSEvents.PutEvents", "events"), set()),
        ("POST", "/", headers("AWSEvents.PutRule", "events"), {"eventbridge"}),
        ("POST", "/", headers("AWSCognitoIdentityProviderService.InitiateAuth"), set()),
        ("POST", "/", headers("AWSCognitoIdentityProviderService.CreateIdentityProvider"), STATES),
        ("POST", "/", headers("AWSCognitoIdentityProviderService.AdminGetUser"), set()),
        ("POST", "/", headers("AWSCognitoIdentityProviderService.AdminListGroupsForUser"), set()),
        ("POST", "/", headers("AWSCognitoIdentityProviderService.AdminForgetDevice"), STATES),
        ("POST", "/", headers(scope="cloudformation"), {"*"}),
        ("POST", "/2020-05-31/distribution/E1/invalidation", headers(scope="cloudfront"), {"cloudfront"}),
        ("POST", "/", headers(scope="monitoring"), {"cloudwatch"}),
        ("POST", "/", headers("Logs_20140328.PutLogEvents", "logs"), {"cloudwatch_logs"}),
        ("POST", "/_aws/execute-api/a5c0de01/local/@connections/abc=", headers(scope="execute-api"), set()),
        ("PUT", "/bucket", headers(scope="s3"), {"s3"}),
        ("PUT", "/bucket/key", headers(scope="s3"), set()),  # S3 writes it before it answers
        ("PUT", "/bucket/key", [], {"*"}),
        ("POST", "/bucket", [(b"content-type", b"multipart/form-data; boundary=b")], set()),
        ("POST", "/bucket", [(b"content-type", b"text/plain")], {"*"}),
        ("PUT", "/bucket", [(b"content-type", b"multipart/form-data; boundary=b")], {"*"}),
        ("GET", "/bucket/key", [], set()),
        ("POST", "/2015-03-31/functions/f/invocations", headers(scope="lambda"), set()),
        ("POST", "/_aws/execute-api/a5c0de01/v1/posts", [], set()),
    ],
)
def test_a_request_names_the_services_it_may_have_changed(
    method: str, path: str, sent: list[tuple[bytes, bytes]], touched: set[str]
) -> None:
    assert touched_services(method, path, sent) == touched


@pytest.mark.parametrize(
    ("scope", "body", "touched"),
    [
        ("sns", b"TopicArn=t&Action=Publish&Message=Action%3D", set()),
        ("sns", b"Action=Subscribe&Version=2010-03-31", {"sns"}),
        ("sns", b"Action=GetTopicAttributes", set()),
        ("cloudformation", b"Action=DescribeStacks", set()),
        ("iam", b"Action=CreateRole", {"*"}),
        ("sqs", b"Action=SendMessage&MessageBody=hello", set()),
    ],
)
def test_the_query_protocol_names_its_action_in_the_body(scope: str, body: bytes, touched: set[str]) -> None:
    assert touched_services("POST", "/", headers(scope=scope), body) == touched


def test_generations_carry_unchanged_services_over(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    store.acquire()
    state: dict[str, Any] = {"sqs": {"a": 1}, "iam": {"b": 2}}
    written = take(store, ENCODING, {name: (lambda name=name: state[name]) for name in state})
    assert written.services == ["iam", "sqs"]
    store.checksums = written.checksums
    state["sqs"] = {"a": 3}
    written = take(store, ENCODING, {name: (lambda name=name: state[name]) for name in state})
    assert written.services == ["sqs"]
    assert store.load("sqs", dict) == {"a": 3}
    assert store.load("iam", dict) == {"b": 2}
    assert store.load("never", dict) is None


def test_a_failed_snapshot_keeps_the_previous_file_and_journal(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    store.acquire()
    take(store, ENCODING, {"dynamodb": lambda: {"t": 1}, JOURNAL_NAME: lambda: {"first": 1}})

    def broken() -> Any:
        raise KeyError("torn")

    written = take(store, ENCODING, {"dynamodb": broken, JOURNAL_NAME: lambda: {"first": 2}})
    assert written.errors
    assert store.load("dynamodb", dict) == {"t": 1}
    assert store.load(JOURNAL_NAME, dict) == {"first": 1}


def test_only_one_host_uses_a_state_directory(tmp_path: Path) -> None:
    SnapshotStore(tmp_path).acquire()
    with pytest.raises(StateInUseError, match="another emulator host"):
        SnapshotStore(tmp_path).acquire(patience_seconds=0.1)


def test_a_torn_line_ends_its_journal_but_not_the_next(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.open()
    journal.add(["set", 1])
    journal.add(["set", 2])
    journal.flush()
    file = tmp_path / "journal-1.log"
    file.write_bytes(file.read_bytes() + b'9 0a1b2c3d ["set", 3')
    journal.rotate()
    journal.add(["set", 4])
    journal.flush()
    assert list(journal.entries(1)) == [["set", 1], ["set", 2], ["set", 4]]
    assert list(journal.entries(2)) == [["set", 4]]
    journal.drop_before(2)
    assert [path.name for path in tmp_path.glob("journal-*")] == ["journal-2.log"]
    later = Journal(tmp_path)
    later.open()
    assert later.number == 3


def test_files_are_in_the_format_of_the_emulator(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    store.acquire()
    take(store, ENCODING, {"sqs": lambda: {"a": 1}})
    assert json.loads((store.current / "sqs.json").read_text()) == {"__ministack_format__": 1, "payload": {"a": 1}}
