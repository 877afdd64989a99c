"""Keeps archives of layers on disk, beside the code of functions, instead of in memory and in every snapshot.

MiniStack keeps each published layer as bytes, and its snapshot holds them all as base64: 75 MB and 100 MB for this
project. Functions' code it keeps as files named by their hash; layers are treated the same here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from emulation.emulator import seams

_FIELD = "_zip_data"


@dataclass(frozen=True)
class Archive:
    """A zip file on disk; ``digest`` is its SHA-256 (hex)."""

    digest: str
    read: Callable[[], bytes]


def keep_on_disk() -> None:
    """Wrap reading. What is published, by the API or by CloudFormation, is in memory until ``settle``."""
    service = seams.module("services.lambda_svc")
    resolve, serve = service._resolve_layer_zip, service.serve_layer_content

    def resolve_from_disk(attachment: Any) -> Any:
        return _content(service, resolve(attachment))

    def serve_from_disk(*arguments: Any, **options: Any) -> Any:
        status, headers, body = serve(*arguments, **options)
        return status, headers, _content(service, body)

    service._resolve_attached_archive = resolve
    service._resolve_layer_zip = resolve_from_disk
    service.serve_layer_content = serve_from_disk


def settle() -> bool:
    """Before each snapshot, write layers from memory to files named by their hash; returns whether there were any."""
    service, found = seams.module("services.lambda_svc"), False
    for version in _versions(service):
        if isinstance(version.get(_FIELD), bytes):
            version[_FIELD] = {service._BLOB_REF_KEY: service._write_code_blob(version[_FIELD])}
            found = True
    return found


def remove_unused() -> None:
    """Drop files that neither a function nor a layer names. At start alone: while we run, the last whole generation
    of the state may name what was replaced since."""
    service = seams.module("services.lambda_svc")
    named = {version[_FIELD][service._BLOB_REF_KEY] for version in _versions(service) if version.get(_FIELD)}
    for function in list(service._functions._data.values()):
        for holder in (function, *function.get("versions", {}).values()):
            if holder.get("code_zip"):
                named.add(hashlib.sha256(holder["code_zip"]).hexdigest())
    service._prune_unnamed(named)


def _versions(service: Any) -> list[dict[str, Any]]:
    return [version for layer in list(service._layers._data.values()) for version in layer["versions"]]


def of_function(config: dict[str, Any]) -> list[Archive]:
    """Archives of a function's layers, in order; an empty layer gives none."""
    service = seams.module("services.lambda_svc")
    references = map(service._resolve_attached_archive, config.get("Layers") or [])
    return [_archive(service, reference) for reference in references if reference]


def first_of_each_function() -> Iterator[Archive]:
    """The first layer of every deployed function, each once."""
    found: dict[str, Archive] = {}
    for function in list(seams.module("services.lambda_svc")._functions._data.values()):
        config = function.get("config") or {}
        if str(config.get("Runtime", "")).startswith("python"):
            for archive in of_function(config)[:1]:
                found[archive.digest] = archive
    yield from found.values()


def _archive(service: Any, reference: Any) -> Archive:
    if isinstance(reference, bytes):
        return Archive(hashlib.sha256(reference).hexdigest(), lambda: reference)
    digest = reference[service._BLOB_REF_KEY]
    return Archive(digest, lambda: _content(service, reference) or b"")


def _content(service: Any, held: Any) -> Any:
    """The target of a reference; any other value unchanged."""
    if isinstance(held, dict) and service._BLOB_REF_KEY in held:
        return service._read_code_blob(held[service._BLOB_REF_KEY])
    return held
