"""Rules of Lambda: variables, quotas of a function, concurrency, visibility timeouts shorter than the function's
timeout."""

from __future__ import annotations

import json
from collections.abc import Iterator

from emulation.emulator.strict.refused import Account, Properties, Refused

INVALID = "InvalidParameterValueException"
ENVIRONMENT_BYTES = 4096
UNZIPPED_BYTES = 262_144_000
LAYERS = 5
SECONDS, MEGABYTES = (1, 900), (128, 10_240)
#: Of the account, and what of them no function may reserve.
CONCURRENT, UNRESERVED = 1_000, 100
#: Variables that Lambda sets and nobody else may.
RESERVED = frozenset((
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
))  # fmt: skip
_UNABLE = (
    "Lambda was unable to configure your environment variables because the environment variables you have provided"
)


def variables(function: Properties, account: Account) -> Iterator[Refused]:
    """4 KB for all variables together, measured as JSON; reserved names.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    given = (function.get("Environment") or {}).get("Variables") or {}
    measured = json.dumps(given, separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode()) > ENVIRONMENT_BYTES:
        yield Refused(INVALID, f"{_UNABLE} exceeded the 4KB limit. String measured: {measured}")
    taken = sorted(RESERVED & given.keys())
    if taken:
        text = "contains reserved keys that are currently not supported for modification. Reserved keys used in this"
        yield Refused(INVALID, f"{_UNABLE} {text} request: {', '.join(taken)}")


def quotas(function: Properties, account: Account) -> Iterator[Refused]:
    """https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
    for member, name, (least, most) in (("Timeout", "timeout", SECONDS), ("MemorySize", "memorySize", MEGABYTES)):
        value = int(function.get(member, least))
        if not least <= value <= most:
            bound = f"greater than or equal to {least}" if value < least else f"less than or equal to {most}"
            text = f"Value '{value}' at '{name}' failed to satisfy constraint: Member must have value {bound}"
            yield Refused("ValidationException", f"1 validation error detected: {text}")
    if len(function.get("Layers") or ()) > LAYERS:
        yield Refused(INVALID, f"Cannot reference more than {LAYERS} layers.")


def package(function: Properties, account: Account) -> Iterator[Refused]:
    """250 MB for code and layers together, unzipped.

    https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    """
    size = account.unzipped_bytes(function)
    if size > UNZIPPED_BYTES:
        text = f"Function code combined with layers exceeds the maximum allowed size of {UNZIPPED_BYTES} bytes."
        yield Refused(INVALID, f"{text} The actual size is {size} bytes.")


def concurrency(function: Properties, account: Account) -> Iterator[Refused]:
    """100 of an account's concurrent executions stay unreserved.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
    """
    wanted = function.get("ReservedConcurrentExecutions")
    if wanted is None:
        return
    left = CONCURRENT - account.reserved_elsewhere(str(function.get("FunctionName", ""))) - int(wanted)
    if left < UNRESERVED:
        text = "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution"
        yield Refused(INVALID, f"{text} below its minimum value of [{UNRESERVED}].")


def visibility(mapping: Properties, account: Account) -> Iterator[Refused]:
    """A message stays hidden for at least as long as its function may run.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    """
    hidden = account.visibility_seconds(str(mapping.get("EventSourceArn", "")))
    runs = account.timeout_seconds(str(mapping.get("FunctionName", "")))
    if hidden is not None and runs is not None and hidden < runs:
        text = f"Queue visibility timeout: {hidden} seconds is less than Function timeout: {runs} seconds"
        yield Refused(INVALID, text)
