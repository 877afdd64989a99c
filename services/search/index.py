"""The adapter to OpenSearch: the only file that knows ``opensearch-py``.

Requests are signed (SigV4, service ``es``) with the credentials of the process, in a function those of its role.
Without credentials, as in tests, they are not signed.
Source: docs.aws.amazon.com, Signing HTTP requests to Amazon OpenSearch Service.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from opensearchpy import OpenSearch, Urllib3AWSV4SignerAuth, Urllib3HttpConnection
from opensearchpy.exceptions import ConnectionError as NoConnection
from opensearchpy.exceptions import NotFoundError, OpenSearchException, TransportError

from services.common.aws import session
from services.common.errors import Unavailable
from services.common.observability import logger
from services.common.tracing import call_of
from services.search.mappings import INDICES, IndexDefinition
from services.search.model import Action

#: How long a function trusts what it knows of the indices that take writes; ``make reindex`` waits for it.
WRITERS_SECONDS = 10.0
_CONFLICT, _MISSING = 409, 404
#: How long a person waits for an answer.
_SECONDS = 5.0
#: How long a reindex waits, for which nobody waits.
_PATIENT_SECONDS = 30.0
#: Lambda sets it in every function, the kit for its own calls.
_CREDENTIALS = "AWS_ACCESS_KEY_ID"


def connect(endpoint: str) -> OpenSearch:
    """A client for an endpoint, which signs by the credentials of its process."""
    return OpenSearch(
        endpoint,
        http_auth=_signer(urlsplit(endpoint).hostname or ""),
        connection_class=Urllib3HttpConnection,
        timeout=_SECONDS,
        max_retries=2,
        retry_on_timeout=False,
        retry_on_status=(502, 503, 504),
        pool_maxsize=8,
    )


def _signer(host: str) -> Urllib3AWSV4SignerAuth | None:
    """None for an endpoint that is not AWS's, in an environment without credentials."""
    on_aws = host.endswith(".es.amazonaws.com")
    if not on_aws and _CREDENTIALS not in os.environ:
        return None
    region = host.split(".")[-4] if on_aws else session().region_name
    return Urllib3AWSV4SignerAuth(session().get_credentials(), region, "es")


class SearchIndex:
    """The context's operations on OpenSearch.

    Args:
        client: connected to one endpoint.
        prefix: of every alias and index name; tests use it to be independent.
    """

    def __init__(self, client: OpenSearch, prefix: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        self._client, self._prefix, self._clock = client, prefix, clock
        self._writers: dict[str, tuple[float, list[str]]] = {}

    def search(self, alias: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Raises Unavailable: OpenSearch doesn't answer or refuses; an index that is not there yet is empty."""
        try:
            with call_of("## opensearch", namespace=""):
                answer: dict[str, Any] = self._client.search(index=self._prefix + alias, body=dict(body))
        except NotFoundError:
            return {"hits": {"hits": [], "total": {"value": 0, "relation": "eq"}}, "aggregations": {}}
        except OpenSearchException as error:
            logger.error("search failed", extra={"alias": alias, "reason": _reason(error)})
            raise Unavailable("Search is not responding right now. Try again.") from error
        return answer

    def apply(self, actions: Sequence[Action], into: Mapping[str, str] | None = None) -> dict[int, str]:
        """Write changes to every index that takes writes, or only to one.

        Args:
            into: alias → name of the one index to write to.

        Returns:
            position of each failed action → reason. Replays (version conflicts) and deletes of missing documents are no
            failures.

        Raises:
            Unavailable: OpenSearch doesn't answer; nothing is known about any action.
        """
        lines: list[dict[str, Any]] = []
        places: list[int] = []
        for place, action in enumerate(actions):
            for name in [into[action.alias]] if into else self.writers(action.alias):
                lines += _bulk_lines(name, action)
                places.append(place)
        if not lines:
            return {}
        try:
            body = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
            answer = self._client.bulk(body=body)
        except OpenSearchException as error:
            raise Unavailable(f"bulk: {_reason(error)}") from error
        failed: dict[int, str] = {}
        for place, item in zip(places, answer["items"], strict=True):
            ((kind, result),) = item.items()
            status = result["status"]
            if status < 300 or status == _CONFLICT or (kind == "delete" and status == _MISSING):
                continue
            failed[place] = json.dumps(result.get("error", result), ensure_ascii=False)[:500]
            if status == _MISSING:
                self._writers.clear()
        return failed

    def writers(self, alias: str) -> list[str]:
        """Indices that take writes for an alias: one, or two while a new version is filled; made when missing."""
        known = self._writers.get(alias)
        if known and self._clock() - known[0] < WRITERS_SECONDS:
            return known[1]
        name = f"{self._prefix}{alias}-writers"
        try:
            found = sorted(self._client.indices.get_alias(name=name))
        except NotFoundError:
            found = [self.ensure(INDICES[alias])]
        except OpenSearchException as error:
            raise Unavailable(f"aliases: {_reason(error)}") from error
        self._writers[alias] = (self._clock(), found)
        return found

    def ensure(self, definition: IndexDefinition) -> str:
        """Create an index and its aliases unless they are there; any number of callers may try at once."""
        name = self.create(definition)
        actions = [
            {"add": {"index": name, "alias": f"{self._prefix}{definition.alias}{suffix}"}}
            for suffix in ("", "-writers")
        ]
        try:
            self._client.indices.update_aliases(body={"actions": actions})
        except OpenSearchException as error:
            raise Unavailable(f"aliases: {_reason(error)}") from error
        return name

    def create(self, definition: IndexDefinition, suffix: str = "", seconds: float = _SECONDS) -> str:
        """Create an index without aliases, unless it is there; returns its name."""
        name = self.name_of(definition, suffix)
        try:
            self._client.indices.create(index=name, body=definition.body, request_timeout=seconds)
        except TransportError as error:
            if error.error != "resource_already_exists_exception":
                raise Unavailable(f"create {name}: {_reason(error)}") from error
        return name

    def name_of(self, definition: IndexDefinition, suffix: str = "") -> str:
        return f"{self._prefix}{definition.name}{suffix}"

    # -- versions of an index

    def behind(self, alias: str) -> list[str]:
        """Names of the indices behind an alias; none when the alias does not exist."""
        try:
            return sorted(self._client.indices.get_alias(name=self._prefix + alias))
        except NotFoundError:
            return []

    def outdated(self) -> list[str]:
        """Names of indices that readers use: of an older version than ``mappings.py`` describes, or more than one of an
        alias, with which a search by it counts twice or fails.

        Raises:
            Unavailable: OpenSearch doesn't answer.
        """
        behind = self._behind_all()
        return [
            name
            for alias, definition in INDICES.items()
            for name in behind[alias]
            if len(behind[alias]) > 1 or not re.fullmatch(rf"{definition.name}(-\d+)?", name.removeprefix(self._prefix))
        ]

    def doubled(self) -> dict[str, list[str]]:
        """Aliases with more than one index that readers use, and those indices.

        Raises:
            Unavailable: OpenSearch doesn't answer.
        """
        return {alias: names for alias, names in self._behind_all().items() if len(names) > 1}

    def _behind_all(self) -> dict[str, list[str]]:
        try:
            return {alias: self.behind(alias) for alias in INDICES}
        except OpenSearchException as error:
            raise Unavailable(f"aliases: {_reason(error)}") from error

    def move(self, *steps: tuple[str, str, str]) -> None:
        """Change aliases at once: all steps ``(add|remove, index, alias)`` or none.

        Raises:
            Unavailable: OpenSearch doesn't answer.
        """
        actions = [{kind: {"index": name, "alias": self._prefix + alias}} for kind, name, alias in steps]
        try:
            self._client.indices.update_aliases(body={"actions": actions}, request_timeout=_PATIENT_SECONDS)
        except OpenSearchException as error:
            raise Unavailable(f"aliases: {_reason(error)}") from error

    def drop(self, name: str) -> None:
        self._client.indices.delete(index=name, params={"ignore_unavailable": "true"}, request_timeout=_PATIENT_SECONDS)

    def versions(self, alias: str, ids: Sequence[str]) -> dict[str, int]:
        """Versions of those documents that readers find.

        Raises:
            Unavailable: OpenSearch doesn't answer.
        """
        body = {"query": {"ids": {"values": list(ids)}}, "size": len(ids), "version": True, "_source": False}
        hits = self.search(alias, body)["hits"]["hits"]
        return {str(hit["_id"]): int(hit["_version"]) for hit in hits}

    def count(self, name: str) -> int:
        """Documents of one index, the latest writes included."""
        self._client.indices.refresh(index=name)
        return int(self._client.count(index=name)["count"])


def _bulk_lines(index: str, action: Action) -> list[dict[str, Any]]:
    kind = "delete" if action.source is None else "index"
    unknown = INDICES[action.alias].unknown_to(index)
    meta = {"_index": index, "_id": action.id, "version": action.version, "version_type": action.version_type}
    if action.source is None:
        return [{kind: meta}]
    return [{kind: meta}, {name: value for name, value in action.source.items() if name not in unknown}]


def _reason(error: OpenSearchException) -> str:
    if isinstance(error, NoConnection):
        return "no connection"
    return f"{type(error).__name__}: {str(error)[:300]}"


def search_index(endpoint: str) -> SearchIndex:
    """On a client for this endpoint."""
    return SearchIndex(connect(endpoint))
