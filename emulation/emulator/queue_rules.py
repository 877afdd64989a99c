"""Refuses requests that SQS refuses, and adds ListDeadLetterSourceQueues, which MiniStack lacks.

Sources: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html (delays of 0 to 900
seconds, attributes), …/API_ReceiveMessage.html (waits of 0 to 20 seconds), …/API_ChangeMessageVisibility.html (0 to
43,200 seconds), …/API_ListDeadLetterSourceQueues.html and "Amazon SQS message metadata".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from emulation.emulator import seams
from emulation.emulator.service_model import values_of

#: Action → parameter → seconds from and to.
_SECONDS: dict[str, dict[str, tuple[int, int]]] = {
    "SendMessage": {"DelaySeconds": (0, 900)},
    "ReceiveMessage": {"WaitTimeSeconds": (0, 20), "VisibilityTimeout": (0, 43_200)},
    "ChangeMessageVisibility": {"VisibilityTimeout": (0, 43_200)},
}
ATTRIBUTES = 10
_ATTRIBUTE_NAME = re.compile(r"(?!\.)(?!(?i:aws|amazon)\.)(?!.*\.\.)[A-Za-z0-9_.-]{1,256}(?<!\.)")
_ATTRIBUTE_TYPE = re.compile(r"(String|Number|Binary)(\..+)?")
#: Letters, digits and punctuation of ASCII.
_IDENTITY = re.compile(r"[!-~]{1,128}")
_ALLOWED = "alphanumeric and punctuation characters. 1 to 128 in length."
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}|(?=.{6,80}$)[A-Za-z0-9_-]+\.fifo")
_PAGE = 1_000
_INVALID = "InvalidParameterValue"


def refuse_what_sqs_refuses() -> None:
    """Wrap the actions that have limits. The batch action calls ``SendMessage`` for each entry, so each is checked."""
    sqs = seams.module("services.sqs")

    def checked(action: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def check_and_act(data: dict[str, Any], url: str) -> Any:
            found = problem(action, {"QueueUrl": url, **data})
            if found is not None:
                raise sqs._Err(_INVALID, found)
            return act(data, url)

        return check_and_act

    create = sqs._HANDLERS["CreateQueue"]

    def create_checked(data: dict[str, Any], url: str) -> Any:
        if not _NAME.fullmatch(str(data.get("QueueName") or "")):
            raise sqs._Err(
                _INVALID, "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
            )
        return create(data, url)

    sqs._HANDLERS["CreateQueue"] = create_checked
    for action in _SECONDS:
        act = checked(action, sqs._HANDLERS[action])
        sqs._HANDLERS[action] = act
    sqs._act_send_message = sqs._HANDLERS["SendMessage"]
    for action in ("CreateQueue", "SetQueueAttributes", "GetQueueAttributes"):
        sqs._HANDLERS[action] = _with_known_attributes(sqs, sqs._HANDLERS[action])


def _with_known_attributes(sqs: Any, act: Callable[..., Any]) -> Callable[..., Any]:
    def check_and_act(data: dict[str, Any], url: str) -> Any:
        given, asked = set(data.get("Attributes") or ()), set(data.get("AttributeNames") or ())
        unknown = sorted((given - queue_attributes()) | (asked - queue_attributes() - {"All"}))
        if unknown:
            raise sqs._Err("InvalidAttributeName", f"Unknown Attribute {unknown[0]}.")
        return act(data, url)

    return check_and_act


def queue_attributes() -> frozenset[str]:
    """Validate by AWS's service model; ``All`` is an allowed attribute name."""
    return values_of("sqs", "QueueAttributeName") - {"All"}


def problem(action: str, data: Mapping[str, Any]) -> str | None:
    """SQS's message about the first parameter outside its limits; ``None`` when all are within."""
    for name, (least, most) in _SECONDS[action].items():
        value = data.get(name)
        if value is None:
            continue
        if not str(value).lstrip("-").isdigit() or not least <= int(value) <= most:
            reason = f"Reason: Must be between {least} and {most}, if provided."
            return f"Value {value} for parameter {name} is invalid. {reason}"
    if action != "SendMessage":
        return None
    for name in ("MessageGroupId", "MessageDeduplicationId"):
        if data.get(name) is not None and not _IDENTITY.fullmatch(str(data[name])):
            return f"Value {data[name]} for parameter {name} is invalid. Reason: {name} can only include {_ALLOWED}"
    if data.get("MessageDeduplicationId") is not None and not str(data.get("QueueUrl") or ".fifo").endswith(".fifo"):
        return "The request include parameter that is not valid for this queue type"
    return attributes_problem(data.get("MessageAttributes") or {})


def attributes_problem(attributes: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The problem of a message's attributes, also of SNS: name → ``DataType`` and ``StringValue`` or
    ``BinaryValue``."""
    if len(attributes) > ATTRIBUTES:
        return f"Number of message attributes [{len(attributes)}] exceeds the allowed maximum [{ATTRIBUTES}]."
    for name, attribute in attributes.items():
        if not _ATTRIBUTE_NAME.fullmatch(name):
            return f"Message (user) attribute name '{name}' is invalid."
        kind = str(attribute.get("DataType") or "")
        if not _ATTRIBUTE_TYPE.fullmatch(kind):
            return (
                f"The message attribute '{name}' has an invalid message attribute type, the set of supported type "
                "prefixes is Binary, Number, and String."
            )
        base = kind.partition(".")[0]
        if not attribute.get("BinaryValue" if base == "Binary" else "StringValue"):
            return f"Message (user) attribute '{name}' must contain a non-empty value of type '{base}'."
        if base == "Number" and not _is_number(str(attribute["StringValue"])):
            return f"Can't cast the value of message (user) attribute '{name}' to a number."
    return None


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text) is not None


def list_sources() -> None:
    """Add ListDeadLetterSourceQueues: the queues whose redrive policy names this one."""
    sqs = seams.module("services.sqs")

    def list_dead_letter_source_queues(data: dict[str, Any], url: str) -> dict[str, Any]:
        target = sqs._get_q(data.get("QueueUrl") or url, "sqs:ListDeadLetterSourceQueues")
        arn = target["attributes"]["QueueArn"]
        found = sorted(source for source, queue in sqs._queues.items() if _dead_letters_of(queue) == arn)
        most = min(int(data.get("MaxResults") or _PAGE), _PAGE)
        start = int(data.get("NextToken") or 0)
        answer: dict[str, Any] = {"queueUrls": [sqs._externalize_url(one) for one in found[start : start + most]]}
        if len(found) > start + most:
            answer["NextToken"] = str(start + most)
        return answer

    to_xml = sqs._to_xml

    def to_xml_too(action: str, result: dict[str, Any]) -> Any:
        if action != "ListDeadLetterSourceQueues":
            return to_xml(action, result)
        members = "".join(f"<QueueUrl>{sqs._esc(one)}</QueueUrl>" for one in result["queueUrls"])
        token = f"<NextToken>{result['NextToken']}</NextToken>" if "NextToken" in result else ""
        name = "ListDeadLetterSourceQueues"
        return sqs._xml_resp(200, f"{name}Response", f"<{name}Result>{members}{token}</{name}Result>")

    sqs._HANDLERS["ListDeadLetterSourceQueues"] = list_dead_letter_source_queues
    sqs._to_xml = to_xml_too


def _dead_letters_of(queue: Mapping[str, Any]) -> str | None:
    try:
        policy = json.loads(queue["attributes"].get("RedrivePolicy") or "{}")
    except ValueError:
        return None
    found: str | None = policy.get("deadLetterTargetArn") if isinstance(policy, dict) else None
    return found
