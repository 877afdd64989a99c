"""``architecture.json``: boxes with configuration, code and cost, and the arrows that the templates prove."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

from infra.picture.arrows import arrows_of
from infra.picture.boxes import FUNCTION, box_of, short
from infra.picture.facts import facts_of, triggers_of
from infra.picture.references import Found, Stacks

_ROOT: Final = Path(__file__).resolve().parent.parent.parent
#: Alarms and the like are counted, not listed.
_LISTED: Final = 40
_PROOFS: Final = 12
#: Box → services of the bill. Functions share the bill of Lambda, which is not known for each.
_BILL: Final[Mapping[str, tuple[str, ...]]] = {
    "cloudfront": ("CloudFront", "WAF"),
    "cognito": ("Cognito",),
    "api-gateway": ("API Gateway",),
    "websocket": ("API Gateway",),
    "dynamodb": ("DynamoDB",),
    "opensearch": ("OpenSearch",),
    "s3-store": ("S3",),
    "ui-s3": ("S3",),
    "sns": ("SNS",),
    "sqs": ("SQS",),
    "kinesis": ("Kinesis",),
    "cloudwatch": ("CloudWatch",),
}
_COLUMN: Final = "100,000"
_PRICED: Final = frozenset(service for services in _BILL.values() for service in services) | {"Lambda"}


def document(templates: Mapping[str, dict[str, Any]], root: Path = _ROOT, inside: bool = True) -> dict[str, Any]:
    """The document that the UI draws.

    Args:
        templates: by stack name, of what is deployed.
        root: the folder of the sources.
        inside: with settings of resources and texts of handlers. Anyone can read the document, so on AWS it has
            neither.
    """
    stacks = Stacks(templates)
    members: defaultdict[str, list[Found]] = defaultdict(list)
    for found in stacks.all:
        if box := box_of(stacks, found):
            members[box].append(found)
        if found.properties.get("StreamSpecification"):
            members["stream"].append(found)
    bill = shares((root / "docs" / "cost.md").read_text("utf-8"))
    boxes = {
        name: {
            "resources": _resources(stacks, found, inside),
            "code": _code(found),
            "cost": _cost(name, found, bill),
        }
        for name, found in sorted(members.items())
    }
    arrows = [
        {
            "from": one.source,
            "to": one.target,
            "flow": one.flow,
            "proofs": one.proofs[:_PROOFS],
            "count": len(one.proofs),
        }
        for one in arrows_of(stacks)
    ]
    nodes = {one.name: box for box, found in members.items() for one in found if one.type == FUNCTION}
    entries = sorted({_entry(one) for one in stacks.of_type(FUNCTION)})
    sources = {path: (root / path).read_text("utf-8") for path in entries} if inside else {}
    return {"boxes": boxes, "arrows": arrows, "nodes": dict(sorted(nodes.items())), "sources": sources}


def shares(page: str) -> dict[str, float]:
    """Service → its share (0 to 1) of the bill for 100,000 daily users, by the table that ``make cost`` wrote."""
    lines = page.splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("|") and _COLUMN in line)
    column = [cell.strip() for cell in lines[start].split("|")].index(_COLUMN)
    table = {}
    for line in takewhile(lambda one: one.startswith("|"), lines[start + 2 :]):
        cells = [cell.strip(" *").replace(",", "") for cell in line.split("|")]
        table[cells[1]] = cells[column]
    whole = float(table["all"])
    return {name: float(usd) / whole for name, usd in table.items() if name in _PRICED}


def _cost(box: str, found: list[Found], bill: Mapping[str, float]) -> dict[str, float]:
    services = _BILL.get(box) or (("Lambda",) if any(one.type == FUNCTION for one in found) else ())
    return {service: round(bill[service], 4) for service in services}


def _resources(stacks: Stacks, members: list[Found], inside: bool) -> list[dict[str, Any]]:
    counts = Counter(one.type for one in members)
    rows: list[dict[str, Any]] = [
        {"type": kind, "name": f"{count} ×", "facts": {}} for kind, count in counts.items() if count > _LISTED
    ]
    for one in members:
        if counts[one.type] <= _LISTED:
            facts = facts_of(one) | (triggers_of(stacks, one) if one.type == FUNCTION else {})
            rows.append({"type": one.type, "name": short(one.name), "facts": facts if inside else {}})
    return rows


def _code(members: list[Found]) -> list[str]:
    """The entry points of functions, then the stacks that describe all of it."""
    entries = sorted({_entry(one) for one in members if one.type == FUNCTION})
    return [*entries, *sorted({f"infra/stacks/{one.stack.rpartition('-')[2]}.py" for one in members})]


def _entry(function: Found) -> str:
    """``services.posts.handler.handler`` → ``services/posts/handler.py``."""
    return str(function.properties["Handler"]).rpartition(".")[0].replace(".", "/") + ".py"
