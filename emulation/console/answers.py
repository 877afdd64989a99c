"""Answers of the console: JSON in ASCII."""

from __future__ import annotations

import json
import math
from typing import Any

from fastapi.responses import JSONResponse

from emulation.console.shared import Answer


class Json(JSONResponse):
    """Log lines and names may contain half of a surrogate pair, which UTF-8 can't express and a JSON escape can."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")


def refused(status: int, message: str) -> Json:
    """A message that the page shows."""
    return Json({"message": message}, status_code=status)


def shown(answer: Answer) -> Json:
    """``Age``, in seconds, says that it was read before, and that a newer answer is on its way."""
    return Json(answer.value, headers={} if answer.age is None else {"Age": str(math.ceil(answer.age))})
