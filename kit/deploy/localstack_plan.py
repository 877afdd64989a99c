"""Whether LocalStack has every service of the templates: later images serve those of their token's plan.

The running LocalStack is asked, because no list of plans stays true.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterable, Mapping
from typing import Any, Final

from emulation.localstack.table import TYPES

#: Second part of a resource type → LocalStack's name, where it is not the same in small letters.
_NAMES: Final = {"OpenSearchService": "opensearch", "ApiGateway": "apigateway"}
#: Not services.
_NO_SERVICES: Final = frozenset({"CDK"})
_SERVED: Final = frozenset({"available", "running", "starting"})


def services_of(endpoint: str) -> dict[str, str]:
    """Service → its state, as LocalStack at ``endpoint`` reports it."""
    with urllib.request.urlopen(f"{endpoint}/_localstack/health", timeout=60) as answer:  # noqa: S310 - our own
        return dict(json.loads(answer.read())["services"])


def problem(templates: Iterable[Mapping[str, Any]], services: Mapping[str, str]) -> str | None:
    """One sentence that names the services that neither LocalStack nor its companion has; None if there are none."""
    types = {row["Type"] for template in templates for row in template.get("Resources", {}).values()}
    wanted = {_service_of(name) for name in types - TYPES.keys() if name.startswith("AWS::")} - _NO_SERVICES
    lacking = sorted(name for name in wanted if services.get(name) not in _SERVED)
    if not lacking:
        return None
    return (
        f"this LocalStack (its image, the plan of its token) does not serve {', '.join(lacking)}: take a plan that "
        "has them, or leave LOCALSTACK_IMAGE and LOCALSTACK_AUTH_TOKEN out to run localstack/localstack:4.14.0"
    )


def _service_of(type_name: str) -> str:
    part = type_name.split("::")[1]
    return part if part in _NO_SERVICES else _NAMES.get(part, part.lower())
