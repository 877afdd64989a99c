"""Accepts only requests from CloudFront, which adds a secret, so that nobody bypasses its web ACL.

The secret rotates while requests are in flight, so the new, the current and the former value are all valid.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/restrict-access-to-load-balancer.html
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Iterable

from botocore.exceptions import ClientError

from services.common.aws import client
from services.common.entry.functions import Event
from services.common.errors import Unavailable
from services.common.observability import logger

#: In lower case, as API Gateway hands headers over.
HEADER = "x-origin-secret"
CURRENT, PENDING, PREVIOUS = "AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"
_KEPT_SECONDS = 300
#: A caller with a wrong value must not cost three reads each time. CloudFront takes longer to send a new one.
_APART_SECONDS = 2


class OriginGate:
    """Recognises requests that came through CloudFront."""

    def __init__(self, read: Callable[[str], str | None], clock: Callable[[], float] = time.monotonic) -> None:
        """``read``: from a staging label to the value of the secret, ``None`` when no version has it."""
        self._read, self._clock = read, clock
        self._values: frozenset[str] = frozenset()
        self._read_at = self._read_all_at = float("-inf")

    @classmethod
    def of(cls, secret_id: str) -> OriginGate:
        return cls(lambda stage: _value(secret_id, stage))

    def admits(self, event: Event) -> bool:
        """Removes the header from the event, so that no later code sees or logs it.

        Raises:
            Unavailable: the secret cannot be read, and never was.
        """
        sent = event["headers"].pop(HEADER, "")
        if self._clock() - self._read_at >= _KEPT_SECONDS:
            self._read_at = self._load((CURRENT,))
        if self._fits(sent):
            return True
        if not sent or self._clock() - self._read_all_at < _APART_SECONDS:
            return False
        self._read_at = self._read_all_at = self._load((CURRENT, PENDING, PREVIOUS))
        return self._fits(sent)

    def _fits(self, sent: str) -> bool:
        return any(hmac.compare_digest(sent.encode(), one.encode()) for one in self._values)

    def _load(self, stages: Iterable[str]) -> float:
        try:
            self._values = frozenset(one for stage in stages if (one := self._read(stage)))
        except Exception as error:
            if not self._values:
                raise Unavailable("The API can't check the origin of requests right now. Try again.") from error
            logger.exception("the origin secret could not be read again", exc_info=error)
        return self._clock()


def _value(secret_id: str, stage: str) -> str | None:
    try:
        return str(client("secretsmanager").get_secret_value(SecretId=secret_id, VersionStage=stage)["SecretString"])
    except ClientError as error:
        # No version has this label, which is usual. That there is no secret at all must not look like that.
        if stage != CURRENT and error.response["Error"]["Code"] == "ResourceNotFoundException":
            return None
        raise
