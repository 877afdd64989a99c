"""Event formats: records as Lambda passes them to a function, and the invocation record for an on-failure destination.

Sources: AWS Lambda Developer Guide, "Using AWS Lambda with Amazon DynamoDB" and "... with Amazon Kinesis" (example
events), "Retain discarded records for a DynamoDB event source in Lambda" (invocation record).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from emulation.aws.outcome import Outcome
from emulation.pump.semantics import Discard, Record


@dataclass(frozen=True)
class Source:
    """The source of a mapping: its ARN, and the service and name in it."""

    arn: str

    @property
    def service(self) -> str:
        """``dynamodb`` or ``kinesis``."""
        return self.arn.split(":")[2]

    @property
    def region(self) -> str:
        return self.arn.split(":")[3]

    @property
    def name(self) -> str:
        """Table or stream name."""
        return self.arn.split("/")[1]


def dynamodb_record(wire: dict[str, Any], source: Source) -> Record:
    """A record of DynamoDB Streams' GetRecords, as the function gets it."""
    change = wire["dynamodb"]
    event = {**wire, "eventSourceARN": source.arn}
    return Record(
        sequence=change["SequenceNumber"],
        key=json.dumps(change.get("Keys", {}), sort_keys=True),
        created=float(change.get("ApproximateCreationDateTime", 0)),
        event=event,
        size=len(json.dumps(event)),
    )


def kinesis_record(wire: dict[str, Any], source: Source, shard_id: str, role_arn: str) -> Record:
    """A record of Kinesis' GetRecords, as the function gets it; ``data`` stays base64."""
    event = {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": wire["PartitionKey"],
            "sequenceNumber": wire["SequenceNumber"],
            "data": wire["Data"],
            "approximateArrivalTimestamp": wire["ApproximateArrivalTimestamp"],
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard_id}:{wire['SequenceNumber']}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": role_arn,
        "awsRegion": source.region,
        "eventSourceARN": source.arn,
    }
    return Record(
        sequence=wire["SequenceNumber"],
        key=wire["PartitionKey"],
        created=float(wire["ApproximateArrivalTimestamp"]),
        event=event,
        size=len(wire["Data"]) + 512,
    )


def invocation_record(
    discard: Discard, outcome: Outcome | None, source: Source, shard_id: str, function_arn: str, now: float
) -> dict[str, Any]:
    """The invocation record for the on-failure destination: metadata to find the records again, not the records.

    ``outcome``: of the last invocation; ``None`` for records that got too old before they were handed over.
    """
    batch = discard.batch
    note: dict[str, Any] = {
        "requestContext": {
            "requestId": outcome.request_id if outcome else "",
            "functionArn": function_arn,
            "condition": str(discard.condition),
            "approximateInvokeCount": batch.invocations,
        },
        "version": "1.0",
        "timestamp": _stamp(now),
    }
    if outcome is not None:
        note["responseContext"] = {
            "statusCode": outcome.status,
            "executedVersion": "$LATEST",
            "functionError": outcome.error,
        }
    note["DDBStreamBatchInfo" if source.service == "dynamodb" else "KinesisBatchInfo"] = {
        "shardId": shard_id,
        "startSequenceNumber": batch.first.sequence,
        "endSequenceNumber": batch.last.sequence,
        "approximateArrivalOfFirstRecord": _stamp(batch.first.created),
        "approximateArrivalOfLastRecord": _stamp(batch.last.created),
        "batchSize": len(batch.records),
        "streamArn": source.arn,
    }
    return note


def _stamp(seconds: float) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
