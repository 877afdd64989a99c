"""SNS invokes functions asynchronously, as events that Lambda accepts and retries.

Source: Amazon SNS Developer Guide, "Invoking AWS Lambda functions with Amazon SNS". MiniStack runs the function in a
thread of its own, once, and a kill loses the message. Accepted here, it is in the journal before Publish is answered.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from typing import Any

from emulation.emulator import seams

log = logging.getLogger("emulation.emulator")


class _AtOnce:
    """Replaces a thread: its target only hands an event over, which must happen before the response."""

    def __init__(self, target: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self._target, self._arguments = target, arguments

    def start(self) -> None:
        self._target(*self._arguments)


class _Threads:
    """The module ``threading`` as MiniStack's SNS sees it."""

    def __init__(self, deliver: Callable[..., None]) -> None:
        self._deliver = deliver

    def __getattr__(self, name: str) -> Any:
        return getattr(threading, name)

    def Thread(self, target: Callable[..., Any], args: tuple[Any, ...] = (), **options: Any) -> Any:
        if args and args[0] is self._deliver:
            return _AtOnce(target, args)
        return threading.Thread(target=target, args=args, **options)


def invoke_by_events() -> None:
    """Replace how MiniStack's SNS delivers to functions."""
    sns, functions = seams.module("services.sns"), seams.module("services.lambda_svc")

    def deliver(endpoint: str, envelope: str, topic: str, subscription: str, *_: Any) -> None:
        func, config, name = functions._get_func_record_for_ref(endpoint)
        if func is None or config is None:
            log.warning("SNS: the function %s of a subscription of %s is not there", name, topic)
            return
        record = {
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription,
            "EventSource": "aws:sns",
            "Sns": json.loads(envelope),
        }
        accepted = functions._execution_record_for_config(func, config)
        functions.invoke_async_with_retry(accepted, {"Records": [record]})

    sns._deliver_to_lambda = deliver
    sns._threading = _Threads(deliver)
