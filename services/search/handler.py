"""Lambda entry point of the indexer: streams of the posts and profiles tables → OpenSearch."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.common.entry import Handler, entry_point, whole_batch_handler
from services.common.errors import Unavailable
from services.common.observability import MetricUnit, logger, metrics
from services.search.index import SearchIndex, search_index
from services.search.model import Action
from services.search.projection import actions_of
from services.search.settings import IndexerSettings

Record = Mapping[str, Any]


#: Seconds to wait before each further try when OpenSearch doesn't answer: a restart of a node is survived inside one
#: invocation, so that the event source's few retries are left for records that are wrong in themselves.
WAITS = (0.5, 1.0, 2.0, 4.0, 8.0)


def index_records(
    records: Sequence[Record], index: SearchIndex, sleep: Callable[[float], None] = time.sleep
) -> list[str]:
    """Bring documents up to date; returns the sequence numbers of the records that failed, and only those.

    A record of an unexpected shape, or a document that the index refuses, fails alone: the others of its batch are
    indexed before it is retried and given up (``BisectBatchOnFunctionError``, on-failure destination).

    Raises:
        Unavailable: OpenSearch did not answer for ``sum(WAITS)`` seconds; the batch is retried.

    Source: docs.aws.amazon.com, Using AWS Lambda with Amazon DynamoDB, Reporting batch item failures.
    """
    actions: list[Action] = []
    owners: list[str] = []
    failed: dict[str, str] = {}
    for record in records:
        number = str(record["dynamodb"]["SequenceNumber"])
        try:
            found = actions_of(record)
        except (KeyError, TypeError, ValueError) as error:
            failed[number] = repr(error)
            continue
        actions += found
        owners += [number] * len(found)
    for place, reason in _patiently(index, actions, sleep).items():
        failed[owners[place]] = reason
    if failed:
        logger.error("records not indexed", extra={"failed": len(failed), "reasons": list(failed.values())[:3]})
    _measure(records, len(actions), len(failed))
    return [number for number in (str(r["dynamodb"]["SequenceNumber"]) for r in records) if number in failed]


def _patiently(index: SearchIndex, actions: Sequence[Action], sleep: Callable[[float], None]) -> dict[int, str]:
    for seconds in WAITS:
        try:
            return index.apply(actions)
        except Unavailable as error:
            logger.warning("OpenSearch does not answer", extra={"wait": seconds, "reason": error.detail})
            sleep(seconds)
    return index.apply(actions)


def _measure(records: Sequence[Record], indexed: int, failed: int) -> None:
    metrics.add_metric("DocumentsIndexed", MetricUnit.Count, indexed)
    metrics.add_metric("RecordsNotIndexed", MetricUnit.Count, failed)
    times = [record["dynamodb"].get("ApproximateCreationDateTime") for record in records]
    oldest = min((float(one) for one in times if isinstance(one, int | float)), default=None)
    if oldest is not None:
        metrics.add_metric("IndexingLag", MetricUnit.Milliseconds, max(0.0, time.time() - oldest) * 1000)


@entry_point(IndexerSettings)
def indexer(settings: IndexerSettings) -> Handler:
    index = search_index(settings.opensearch_endpoint)
    measured: Handler = metrics.log_metrics(
        whole_batch_handler("dynamodb", lambda records: index_records(records, index))
    )
    return measured
