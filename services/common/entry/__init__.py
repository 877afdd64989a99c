"""Building blocks of the contexts' handlers: one kind of handler for each kind of Lambda invocation."""

from services.common.entry.batches import (
    OutOfTime,
    change_handler,
    ordered_handler,
    queue_handler,
    whole_batch_handler,
)
from services.common.entry.functions import EntryPoint, Event, Handler, entry_point
from services.common.entry.http import http_and_socket_handler, http_handler
from services.common.observability import event_handler, observed

__all__ = [
    "EntryPoint",
    "Event",
    "Handler",
    "OutOfTime",
    "change_handler",
    "entry_point",
    "event_handler",
    "http_and_socket_handler",
    "http_handler",
    "observed",
    "ordered_handler",
    "queue_handler",
    "whole_batch_handler",
]
