"""Refuses messages that SNS refuses: without text, or with a subject that is invalid in a mail header.

Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html (``Message`` "cannot be empty"; a ``Subject`` is
UTF-8 text "with no line breaks or control characters, and less than 100 characters long"), …/API_CreateTopic.html
(names), …/API_Subscribe.html (protocols, attributes), and "Amazon SNS message attributes".
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from emulation.emulator import seams
from emulation.emulator.queue_rules import attributes_problem

SUBJECT_LIMIT = 100
NAME_LIMIT = 256
_BATCH = 10
BATCH_BYTES = 256 * 1024
_ARN_PARTS = 6
_ENTRY = re.compile(r"[A-Za-z0-9_-]{1,80}")
_NAME = re.compile(r"[A-Za-z0-9_-]+(\.fifo)?")
_TARGETS = ("TopicArn", "TargetArn", "PhoneNumber")
#: API_Subscribe.
_PROTOCOLS = ("http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose")
_SUBSCRIPTION_ATTRIBUTES = (
    "DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy", "ReplayPolicy",
    "SubscriptionRoleArn",
)  # fmt: skip
#: E.164.
_PHONE = re.compile(r"\+?[0-9]{4,15}")
#: Unicode's categories of control characters and of separators of lines and paragraphs.
_BREAKS = ("Cc", "Zl", "Zp")


def refuse_empty_messages() -> None:
    """Check each message before MiniStack sends it; of a batch, one by one."""
    sns = seams.module("services.sns")
    publish, entries_of, publish_batch = sns._publish, sns._parse_batch_entries, sns._publish_batch

    def publish_checked(params: Any) -> Any:
        found = problem(sns._p(params, "Message"), sns._p(params, "Subject"), sns._p(params, "MessageStructure"))
        found = found or target_problem(*(sns._p(params, name) for name in _TARGETS))
        if found is not None:
            return sns._error("InvalidParameter", f"Invalid parameter: {found}", 400)
        attributes = attributes_problem(sns._parse_message_attributes(params))
        return sns._error("ParameterValueInvalid", attributes, 400) if attributes else publish(params)

    def publish_batch_checked(params: Any) -> Any:
        entries = entries_of(params)
        whole = batch_problem(entries)
        if whole is not None:
            return sns._error(*whole, 400)
        refused = {entry.get("id", ""): found for entry in entries if (found := _entry_problem(entry))}
        if not refused:
            return publish_batch(params)
        sns._parse_batch_entries = lambda given: [one for one in entries_of(given) if one.get("id", "") not in refused]
        try:
            return _with_failures(sns, publish_batch, params, refused)
        finally:
            sns._parse_batch_entries = entries_of

    sns._publish, sns._publish_batch = publish_checked, publish_batch_checked


def batch_problem(entries: list[dict[str, Any]]) -> tuple[str, str] | None:
    """Code and message where none of a batch is published."""
    names = [str(entry.get("id", "")) for entry in entries]
    if not names:
        return "EmptyBatchRequest", "The batch request doesn't contain any entries."
    if len(names) > _BATCH:
        return "TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible."
    if len(set(names)) < len(names):
        return "BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id."
    if not all(_ENTRY.fullmatch(name) for name in names):
        return "InvalidBatchEntryId", "The Id of a batch entry in a batch request doesn't abide by the specification."
    if sum(len(str(entry.get("message") or "").encode()) for entry in entries) > BATCH_BYTES:
        return "BatchRequestTooLong", "The length of all the batch messages put together is more than the limit."
    return None


def refuse_wrong_subscriptions() -> None:
    """Check a subscription before it is kept; and name what is wrong by the code of the wire, ``InvalidParameter``: the
    SDKs' exception has the longer name."""
    sns = seams.module("services.sns")
    subscribe, error = sns._subscribe, sns._error

    def error_by_code(code: str, message: str, status: int) -> Any:
        return error("InvalidParameter" if code == "InvalidParameterException" else code, message, status)

    def subscribe_checked(params: Any) -> Any:
        found = subscription_problem(sns._p(params, "Protocol"), _attributes_of(sns, params))
        if found is not None:
            return sns._error("InvalidParameter", f"Invalid parameter: {found}", 400)
        return subscribe(params)

    sns._subscribe, sns._error = subscribe_checked, error_by_code


def _attributes_of(sns: Any, params: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    while name := sns._p(params, f"Attributes.entry.{len(found) + 1}.key"):
        found[name] = sns._p(params, f"Attributes.entry.{len(found) + 1}.value") or ""
    return found


def subscription_problem(protocol: str, attributes: Mapping[str, str]) -> str | None:
    """The text after ``Invalid parameter:``."""
    if protocol not in _PROTOCOLS:
        return f"Amazon SNS does not support this protocol string: {protocol}"
    for name, value in attributes.items():
        if name not in _SUBSCRIPTION_ATTRIBUTES:
            return f"Attributes Reason: Unknown attribute {name}"
        if name == "RawMessageDelivery" and value.lower() not in ("true", "false"):
            return f"Attributes Reason: RawMessageDelivery: Invalid value [{value}]. Must be true or false."
        if name == "FilterPolicyScope" and value not in ("MessageAttributes", "MessageBody"):
            return f"Attributes Reason: FilterPolicyScope: Invalid value [{value}]."
        if name in ("FilterPolicy", "RedrivePolicy", "DeliveryPolicy") and value and not _is_object(value):
            return f"Attributes Reason: {name}: failed to parse JSON."
    return None


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def refuse_wrong_names() -> None:
    """A topic's name has 1 to 256 letters, digits, hyphens and underscores; that of a FIFO topic ends in ``.fifo``."""
    sns = seams.module("services.sns")
    create = sns._create_topic

    def create_checked(params: Any) -> Any:
        name = str(sns._p(params, "Name"))
        if len(name) > NAME_LIMIT or not _NAME.fullmatch(name):
            return sns._error("InvalidParameter", "Invalid parameter: Topic Name", 400)
        return create(params)

    sns._create_topic = create_checked


def _entry_problem(entry: dict[str, Any]) -> str | None:
    found = problem(entry.get("message"), entry.get("subject"), entry.get("message_structure"))
    return found or attributes_problem(entry.get("message_attributes") or {})


def _with_failures(sns: Any, publish_batch: Any, params: Any, refused: dict[str, str]) -> Any:
    """The answer for the entries that are left, and the others as failed."""
    failed = "".join(
        f"<member><Id>{sns._xml_escape(identity)}</Id><Code>InvalidParameter</Code>"
        f"<Message>Invalid parameter: {sns._xml_escape(found)}</Message><SenderFault>true</SenderFault></member>"
        for identity, found in refused.items()
    )
    if sns._parse_batch_entries(params):
        status, headers, body = publish_batch(params)
        if status != 200:
            return status, headers, body
        text = body.decode() if isinstance(body, bytes) else body
        return status, headers, text.replace("<Failed>", f"<Failed>{failed}", 1).encode()
    inner = f"<PublishBatchResult><Successful></Successful><Failed>{failed}</Failed></PublishBatchResult>"
    return sns._xml(200, "PublishBatchResponse", inner)


def problem(message: Any, subject: Any, structure: Any) -> str | None:
    """The text after ``Invalid parameter:``; ``None`` when the message can be published."""
    if message is None or message == "":
        return "Empty message"
    if subject and (len(subject) > SUBJECT_LIMIT or any(unicodedata.category(one) in _BREAKS for one in subject)):
        return "Subject"
    if structure and structure != "json":
        return "MessageStructure"
    if structure == "json":
        return _structure_problem(message)
    return None


def target_problem(topic: str, target: str, phone: str) -> str | None:
    """A message goes to one topic, one endpoint or one phone."""
    for name, arn in (("TopicArn", topic), ("TargetArn", target)):
        if arn and arn.count(":") < _ARN_PARTS - 1:
            return f"{name} Reason: An ARN must have at least {_ARN_PARTS} elements, not {arn.count(':') + 1}"
    if sum(map(bool, (topic, target, phone))) != 1:
        return "TopicArn or TargetArn or PhoneNumber Reason: exactly one of them must be given"
    if phone and not _PHONE.fullmatch(phone):
        return f"PhoneNumber Reason: {phone} is not valid to publish to"
    return None


def _structure_problem(message: Any) -> str | None:
    try:
        parts = json.loads(message) if isinstance(message, str) else message
    except ValueError:
        return "Message Structure - JSON message body failed to parse"
    if not isinstance(parts, dict) or not isinstance(parts.get("default"), str):
        return "Message Structure - No default entry in JSON message body"
    return None
