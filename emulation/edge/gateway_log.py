"""A line of API Gateway's access log, in the format that the stage has.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping

_VARIABLE = re.compile(r"\$context\.(\w+(?:\.\w+)*)")


def moments(epoch: float) -> dict[str, str]:
    """The time of a request, as API Gateway's variables have it."""
    return {
        "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(epoch)),
        "requestTimeEpoch": str(int(epoch * 1000)),
    }


def line(wanted: str | None, values: Mapping[str, object]) -> str:
    """``wanted`` with its variables filled in: ``-`` where there is none, or where the edge does not know it (what an
    authorizer found, errors and latency of the integration). Without a format: all known variables, as JSON."""
    if wanted is None:
        return json.dumps(values, separators=(",", ":"))
    return _VARIABLE.sub(lambda found: _within_json(values.get(found[1], "-")), wanted).replace("\n", " ")


def _within_json(value: object) -> str:
    """Formats are JSON with variables in quotes."""
    return json.dumps(str(value), ensure_ascii=False)[1:-1]
