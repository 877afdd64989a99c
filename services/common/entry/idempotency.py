"""A command runs once per caller, route and ``Idempotency-Key``: its response is stored for a day."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import cached_property
from typing import Any

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyPersistenceLayerError,
    IdempotencyValidationError,
)

from services.common.claims import user_of_http
from services.common.entry.functions import Event, Handler
from services.common.errors import InProgress, Unavailable, Unprocessable
from services.common.ids import derived_id
from services.common.observability import logger
from services.common.settings import CommandSettings

_KEPT_SECONDS = 24 * 3600
#: After the function's name, the beginning of each record's key. It does not change with the code: a retry that comes
#: after a deployment must find its record.
_PREFIX = "services.common.entry._once.<locals>.run"


class _Refused(Exception):
    """Carries a 4xx or 5xx response past the idempotency record, which must not store it."""

    def __init__(self, answer: Event) -> None:
        super().__init__(answer["statusCode"])
        self.answer = answer


class Once:
    """Runs commands with a key, on the idempotency table."""

    def __init__(self, settings: CommandSettings) -> None:
        self._settings = settings

    @cached_property
    def _store(self) -> DynamoDBPersistenceLayer:
        return DynamoDBPersistenceLayer(
            table_name=self._settings.table_idempotency,
            key_attr="pk",
            sort_key_attr="sk",
            expiry_attr="ttl",
        )

    def _store_of(self, caller: str) -> DynamoDBPersistenceLayer:
        """A partition for each caller (one for all would end at 1,000 writes a second), by a hash of their id, so that
        no item names a person whose account was deleted.

        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
        """
        store = copy(self._store)
        store.static_pk_value = f"IDEMPOTENCY#{derived_id('idempotency', caller)}"
        return store

    def run(self, serve: Handler, event: Event, context: Any, key: str) -> Event:
        """The response of ``serve``, or the stored one. 4xx and 5xx are not stored.

        Raises:
            InProgress: the first try still runs.
            Unprocessable: the key was used with another body.
            Unavailable: the records are unreachable; either nothing was done, or the natural key makes the retry
                harmless.
        """
        try:
            return self._recorded(serve, event, context)(command=_command(event, key))
        except _Refused as error:
            return error.answer
        except IdempotencyAlreadyInProgressError as error:
            raise InProgress("A command with this Idempotency-Key is still running.") from error
        except IdempotencyValidationError as error:
            raise Unprocessable("This Idempotency-Key was used with another body.") from error
        except IdempotencyPersistenceLayerError as error:
            logger.exception("the idempotency records are out of reach")
            raise Unavailable("Idempotency keys can't be checked right now. Try again with the same key.") from error

    def _recorded(self, serve: Handler, event: Event, context: Any) -> Callable[..., Event]:
        config = IdempotencyConfig(
            event_key_jmespath="[caller, method, path, key]",
            payload_validation_jmespath="body",
            expires_after_seconds=_KEPT_SECONDS,
            raise_on_no_idempotency_key=True,
            lambda_context=context,
        )

        @idempotent_function(  # type: ignore[untyped-decorator]
            data_keyword_argument="command",
            persistence_store=self._store_of(user_of_http(event)),
            config=config,
            key_prefix=f"{context.function_name}.{_PREFIX}",
        )
        def run(*, command: Event) -> Event:
            answer: Event = serve(event, context)
            if answer["statusCode"] >= 400:
                raise _Refused(answer)
            return answer

        recorded: Callable[..., Event] = run
        return recorded


def _command(event: Event, key: str) -> Event:
    return {
        "caller": user_of_http(event),
        "method": event["requestContext"]["http"]["method"],
        "path": event["rawPath"],
        "key": key,
        "body": event.get("body") or "",
    }
