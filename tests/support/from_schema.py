"""Hypothesis strategies for values of a JSON schema: the parts of JSON Schema that ``docs/asyncapi.json`` uses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

Schema = Mapping[str, Any]


def values_of(schema: Schema, schemas: Mapping[str, Schema], known: Mapping[str, str]) -> st.SearchStrategy[Any]:
    """Values that match ``schema``.

    Args:
        schemas: schemas that a ``$ref`` refers to, by its last segment.
        known: property values from the test's world; used half the time.

    Raises:
        NotImplementedError: the schema uses an unsupported keyword.
    """
    if "$ref" in schema:
        return values_of(schemas[schema["$ref"].rpartition("/")[2]], schemas, known)
    if "anyOf" in schema:
        return st.one_of([values_of(one, schemas, known) for one in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type")
    if kind == "object":
        return _objects(schema, schemas, known)
    if kind == "array":
        items = values_of(schema["items"], schemas, known)
        return st.lists(items, min_size=schema.get("minItems", 0), max_size=min(schema.get("maxItems", 4), 4))
    if kind == "string":
        return _texts(schema)
    if kind == "integer":
        return st.integers(schema.get("minimum"), schema.get("maximum"))
    if kind in ("boolean", "null"):
        return st.booleans() if kind == "boolean" else st.none()
    raise NotImplementedError(f"schema: {schema}")


def _objects(schema: Schema, schemas: Mapping[str, Schema], known: Mapping[str, str]) -> st.SearchStrategy[Any]:
    needed = schema.get("required", ())
    fields = {
        name: values_of(one, schemas, known) if name not in known else st.just(known[name]) | _texts(one)
        for name, one in schema.get("properties", {}).items()
    }
    return st.fixed_dictionaries(
        {name: one for name, one in fields.items() if name in needed},
        optional={name: one for name, one in fields.items() if name not in needed},
    )


def _texts(schema: Schema) -> st.SearchStrategy[str]:
    least, most = schema.get("minLength", 0), schema.get("maxLength", 64)
    if "pattern" in schema:
        found = st.from_regex(re.compile(schema["pattern"], re.ASCII), fullmatch=True)
        return found.filter(lambda text: least <= len(text) <= most)
    return st.text(st.characters(codec="utf-8"), min_size=least, max_size=min(most, 80))
