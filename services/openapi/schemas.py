"""From typed dictionaries and models to the JSON schemas of ``components``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

Mode = Literal["validation", "serialization"]
REF = "#/components/schemas/{model}"
_GENERIC = re.compile(r"(\w+?)_(\w+)_")


class _Generator(GenerateJsonSchema):
    def typed_dict_schema(self, schema: core_schema.TypedDictSchema) -> JsonSchemaValue:
        """A resource holds what is described, and nothing else."""
        return super().typed_dict_schema(schema) | {"additionalProperties": False}


def schemas_of(described: Iterable[tuple[Any, Mode]]) -> tuple[dict[Any, JsonSchemaValue], dict[str, Any]]:
    """The schema of each type (a ``$ref`` where it has a name), and all named schemas."""
    wanted = dict.fromkeys(described)
    adapters = [(number, mode, TypeAdapter(one)) for number, (one, mode) in enumerate(wanted)]
    found, together = TypeAdapter.json_schemas(adapters, ref_template=REF, schema_generator=_Generator)
    types = [one for one, _ in wanted]
    named = {name_of(key): tidied(schema) for key, schema in together.get("$defs", {}).items()}
    return {types[number]: tidied(schema) for (number, _), schema in found.items()}, named


def name_of(key: str) -> str:
    """``PageResource_PostResource_`` → ``PageOfPost``."""
    return _GENERIC.sub(r"\1Of\2", key.replace("Resource", ""))


def tidied(node: Any) -> Any:
    """Without the titles that pydantic makes of names, and with the names of ``name_of``; docstrings as Markdown."""
    if isinstance(node, list):
        return [tidied(one) for one in node]
    if not isinstance(node, dict):
        return node
    kept = {key: one for key, one in node.items() if key != "title" or not isinstance(one, str)}
    if isinstance(kept.get("$ref"), str):
        place, _, name = kept["$ref"].rpartition("/")
        kept["$ref"] = f"{place}/{name_of(name)}"
    if isinstance(kept.get("description"), str):
        kept["description"] = " ".join(kept["description"].replace("``", "`").split())
    return {key: tidied(one) for key, one in kept.items()}
