"""Validation rules of S3, SNS, SQS and DynamoDB; ``tests/contract/test_emulator_refusals.py`` cites the documents."""

from __future__ import annotations

from typing import Any

import pytest

from emulation.emulator.byte_ranges import is_range
from emulation.emulator.multipart import SMALLEST_PART
from emulation.emulator.multipart import problem as multipart_problem
from emulation.emulator.object_rules import token_problem
from emulation.emulator.publishing import problem as publish_problem
from emulation.emulator.publishing import subscription_problem
from emulation.emulator.query_filters import attributes
from emulation.emulator.queue_rules import problem as queue_problem
from emulation.emulator.queue_rules import queue_attributes


@pytest.mark.parametrize("header", ["bytes=0-1", "bytes=5-5", "bytes=5-", "bytes=-3", "bytes=-0", "Bytes=0-1"])
def test_a_single_byte_range_is_a_valid_range(header: str) -> None:
    assert is_range(header)


@pytest.mark.parametrize(
    "header",
    [
        "bytes=5-2", "a-b", "bytes=a-b", "bytes=0-1,3-4", "0-1,3-4", "bytes=-", "bytes=", "lines=0-1", "bytes=0-1-2",
        "bytes=+1-2", "bytes=1.5-2", "bytes=٣-٤", "bytes 0-1",
    ],
)  # fmt: skip
def test_other_range_headers_are_invalid(header: str) -> None:
    assert not is_range(header)


@pytest.mark.parametrize("token", ["", "x", "a===", "!!!!", "//8=", "ay9h\n"])
def test_a_page_token_of_another_form_is_refused(token: str) -> None:
    assert token_problem("ay9h") is None
    assert (token_problem(token) or ("",))[0] == "InvalidArgument"


@pytest.mark.parametrize(
    ("protocol", "attributes", "found"),
    [
        ("sqs", {}, None), ("email-json", {"RawMessageDelivery": "True", "FilterPolicy": '{"a": ["b"]}'}, None),
        ("smoke", {}, "smoke"), ("", {}, "protocol"), ("SQS", {}, "SQS"), ("sqs", {"Loud": "1"}, "Loud"),
        ("sqs", {"RawMessageDelivery": "1"}, "RawMessageDelivery"), ("sqs", {"FilterPolicy": "[]"}, "FilterPolicy"),
        ("sqs", {"FilterPolicyScope": "All"}, "FilterPolicyScope"), ("sqs", {"RedrivePolicy": "x"}, "RedrivePolicy"),
    ],
)  # fmt: skip
def test_a_subscription_has_a_protocol_and_attributes_that_sns_knows(
    protocol: str, attributes: dict[str, str], found: str | None
) -> None:
    problem = subscription_problem(protocol, attributes)
    assert problem is None if found is None else found in str(problem)


def test_attributes_of_queues_are_those_of_the_model() -> None:
    assert {"VisibilityTimeout", "RedrivePolicy", "FifoQueue"} <= queue_attributes()
    assert "All" not in queue_attributes()


def _parts(*named: tuple[int, str]) -> bytes:
    parts = "".join(f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>" for number, etag in named)
    xmlns = "http://s3.amazonaws.com/doc/2006-03-01/"
    return f'<CompleteMultipartUpload xmlns="{xmlns}">{parts}</CompleteMultipartUpload>'.encode()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (_parts((1, '"a"'), (2, '"b"')), None),
        (_parts((2, "b")), None),
        (_parts((2, "b"), (1, "a")), "InvalidPartOrder"),
        (_parts((1, "a"), (1, "a")), "InvalidPartOrder"),
        (_parts((1, "a"), (3, "c")), "InvalidPart"),
        (_parts((1, "b")), "InvalidPart"),
        (_parts((2, "b"), (4, "d")), "EntityTooSmall"),
        (_parts(), "MalformedXML"),
        (_parts((1, "a")).replace(b"ETag", b"Tag"), "MalformedXML"),
        (b"<", "MalformedXML"),
    ],
)
def test_a_multipart_upload_checks_the_order_etags_and_sizes_of_parts(body: bytes, code: str | None) -> None:
    sizes = {1: ("a", SMALLEST_PART), 2: ("b", SMALLEST_PART - 1), 4: ("d", 1)}
    stored = {number: {"etag": f'"{etag}"', "size": size} for number, (etag, size) in sizes.items()}
    found = multipart_problem(body, stored)
    assert (found[0] if found else None) == code


@pytest.mark.parametrize(
    ("message", "subject", "structure", "found"),
    [
        ("m", None, None, None), ("m", "s" * 100, "", None), ("m", "名前", None, None),
        ('{"default": "m"}', None, "json", None),
        ("", None, None, "Empty message"), (None, "s", None, "Empty message"),
        ("m", "s" * 101, None, "Subject"), ("m", "a\nb", None, "Subject"), ("m", "a\rb", None, "Subject"),
        ("m", "\t", None, "Subject"), ("m", "\x85", None, "Subject"),
        ("m", None, "json", "Message Structure - JSON message body failed to parse"),
        ('{"sms": "m"}', None, "json", "Message Structure - No default entry in JSON message body"),
    ],
)  # fmt: skip
def test_publish_checks_the_message_its_subject_and_its_structure(
    message: Any, subject: Any, structure: Any, found: str | None
) -> None:
    assert publish_problem(message, subject, structure) == found


def _attribute(kind: str, **value: Any) -> dict[str, Any]:
    return {"MessageAttributes": {"a": {"DataType": kind, **value}}}


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("SendMessage", {}), ("SendMessage", {"DelaySeconds": 900}), ("ReceiveMessage", {"WaitTimeSeconds": "20"}),
        ("ChangeMessageVisibility", {"VisibilityTimeout": 43_200}),
        ("SendMessage", _attribute("String", StringValue="x")),
        ("SendMessage", _attribute("Number", StringValue="-1e3")),
        ("SendMessage", _attribute("Binary.png", BinaryValue="eA==")),
    ],
)  # fmt: skip
def test_valid_queue_requests_are_accepted(action: str, data: dict[str, Any]) -> None:
    assert queue_problem(action, data) is None


@pytest.mark.parametrize(
    ("action", "data", "found"),
    [
        ("SendMessage", {"DelaySeconds": 901}, "Value 901 for parameter DelaySeconds"),
        ("SendMessage", {"DelaySeconds": -1}, "Value -1 for parameter DelaySeconds"),
        ("ReceiveMessage", {"WaitTimeSeconds": 21}, "Value 21 for parameter WaitTimeSeconds"),
        ("ReceiveMessage", {"VisibilityTimeout": 43_201}, "Value 43201 for parameter VisibilityTimeout"),
        ("ChangeMessageVisibility", {"VisibilityTimeout": "x"}, "Value x for parameter VisibilityTimeout"),
        ("SendMessage", _attribute("String", StringValue=""), "non-empty value"),
        ("SendMessage", _attribute("Number", StringValue="x"), "to a number"),
        ("SendMessage", _attribute("Text", StringValue="x"), "invalid message attribute type"),
        ("SendMessage", {"MessageAttributes": {"AWS.x": {"DataType": "String", "StringValue": "x"}}}, "is invalid"),
        ("SendMessage", {"MessageAttributes": {f"a{n}": {} for n in range(11)}}, "exceeds the allowed maximum"),
    ],
)
def test_invalid_queue_requests_are_refused(action: str, data: dict[str, Any], found: str) -> None:
    assert found in (queue_problem(action, data) or "")


def test_attributes_of_a_filter_are_the_first_of_their_paths() -> None:
    tokens = [
        ("IDENT", "a"), ("DOT", "."), ("IDENT", "pk"), ("EQ", "="), ("VALUE_REF", ":v"), ("IDENT", "AND"),
        ("IDENT", "begins_with"), ("LPAREN", "("), ("NAME_REF", "#s"), ("COMMA", ","), ("VALUE_REF", ":v"),
        ("RPAREN", ")"), ("IDENT", "or"), ("IDENT", "b"), ("EOF", ""),
    ]  # fmt: skip
    assert list(attributes(tokens, {"#s": "sk"})) == ["a", "sk", "b"]
