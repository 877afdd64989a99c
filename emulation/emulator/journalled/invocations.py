"""Asynchronous invocations in the journal: an event is recorded before it is accepted, and kept until it is processed.

MiniStack keeps an accepted event only in a thread. Here it is a row, and after a restart all unprocessed events run
again, as on AWS, where "the same event might be processed more than once". Source: AWS Lambda Developer Guide, "How
Lambda handles errors and retries with asynchronous invocation". The delays between the tries are MiniStack's.
"""

from __future__ import annotations

import contextvars
import json
import logging
import threading
import time
import uuid
from typing import Any

from emulation.emulator import seams
from emulation.emulator.journal import Journal
from emulation.emulator.slots import detached

log = logging.getLogger("emulation.emulator")

_RETRIES, _OLDEST_SECONDS = 2, 21_600

#: Events that wait or run, by an identity of ours: ARN of the function, the event.
pending: dict[str, tuple[str, Any]] = {}


def get_state() -> dict[str, Any]:
    return {"pending": {identity: list(event) for identity, event in list(pending.items())}}


def restore(state: dict[str, Any] | None) -> None:
    pending.update({identity: (arn, event) for identity, (arn, event) in (state or {}).get("pending", {}).items()})


def record(journal: Journal) -> None:
    """From now on an accepted event is in ``journal``; EventBridge's targets are invoked in the same way."""
    service = seams.module("services.lambda_svc")

    def accept(func: dict[str, Any], event: Any) -> None:
        config = func.get("config") or func
        identity = uuid.uuid4().hex
        pending[identity] = (config["FunctionArn"], event)
        journal.add(["event", identity, config["FunctionArn"], event])
        _start(service, journal, identity, func, event)

    service.invoke_async_with_retry = detached(accept)
    seams.module("services.eventbridge")._dispatch_to_lambda = _target_of_a_rule(service)


def go_on(journal: Journal) -> None:
    """Run events that a killed emulator had accepted."""
    service = seams.module("services.lambda_svc")
    for identity, (arn, event) in list(pending.items()):
        account, region = arn.split(":")[4], arn.split(":")[3]
        func, config, _ = service._get_func_record_for_ref_in_scope(arn, account_id=account, region=region)
        if func is None:
            log.warning("%s is gone, and so is an event that it was to process", arn)
            _forget(journal, identity)
            continue
        record = service._execution_record_for_config(func, config)
        detached(_start)(service, journal, identity, record, event)


def _start(service: Any, journal: Journal, identity: str, func: dict[str, Any], event: Any) -> None:
    context = contextvars.copy_context()
    work = service, journal, identity, func, event
    threading.Thread(target=context.run, args=(_process, *work), daemon=True, name="asynchronous-invocation").start()


def _process(service: Any, journal: Journal, identity: str, func: dict[str, Any], event: Any) -> None:
    settings = func.get("event_invoke_config") or (func.get("event_invoke_configs") or {}).get("$LATEST") or {}
    retries = settings.get("MaximumRetryAttempts")
    retries = _RETRIES if retries is None else int(retries)
    oldest = time.monotonic() + int(settings.get("MaximumEventAgeInSeconds", _OLDEST_SECONDS))
    result: dict[str, Any] = {}
    for attempt in range(retries + 1):
        if attempt:
            delay = min(
                service._LAMBDA_ASYNC_RETRY_BASE_SECONDS * 2 ** (attempt - 1), service._LAMBDA_ASYNC_RETRY_MAX_SECONDS
            )
            if time.monotonic() + delay > oldest:
                break
            time.sleep(delay)
        result = service._execute_function(func, event)
        if not result.get("error"):
            _forget(journal, identity)
            return
    config = func.get("config") or func
    destination = (settings.get("DestinationConfig") or {}).get("OnFailure", {}).get("Destination")
    destination = destination or (config.get("DeadLetterConfig") or {}).get("TargetArn")
    if destination:
        account, region = service._account_region_from_function_config(config)
        service._request_account_id.set(account)
        service._request_region.set(region)
        service._route_async_failure(destination, config["FunctionName"], event, result)
    _forget(journal, identity)


def _forget(journal: Journal, identity: str) -> None:
    pending.pop(identity, None)
    journal.add(["event-done", identity])


def _target_of_a_rule(service: Any) -> Any:
    """Source: Amazon EventBridge User Guide, "Amazon EventBridge targets": functions are invoked asynchronously."""

    def invoke(arn: str, payload: str) -> None:
        try:
            event = json.loads(payload)
        except (ValueError, TypeError):
            event = {"body": payload}
        func, config, name = service._get_func_record_for_ref(arn)
        if func is None or config is None:
            log.warning("EventBridge: the function %s of a rule is not there", name)
            return
        service.invoke_async_with_retry(service._execution_record_for_config(func, config), event)

    return invoke


class InvocationReplay:
    """What waits at the end is run by ``go_on``."""

    KINDS = frozenset({"event", "event-done"})

    def again(self, entry: list[Any]) -> None:
        if entry[0] == "event":
            pending[entry[1]] = (entry[2], entry[3])
        else:
            pending.pop(entry[1], None)

    def finish(self) -> None:
        """Nothing to put in order."""
