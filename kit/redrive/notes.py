"""Replays invocation records ("notes") of on-failure destinations: failed stream records and asynchronous events.

A note about a stream holds no records, only their position: they are read again from the stream, which keeps them for
24 hours, and passed to the function as its event source would. A note about an asynchronous event holds the event.
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html (on-failure destinations)
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import ClientError

_PAGES = 200


class NotReplayed(Exception):
    """The note stays where it is; the message says why."""


class Clients(Protocol):
    """boto3 clients by name."""

    def client(self, name: str) -> Any: ...


@dataclass(frozen=True)
class Replay:
    """Passes the records or the event of a note to its function."""

    aws: Clients

    def replay(self, note: str) -> int:
        """How many records or events the function took.

        Raises:
            NotReplayed: the records are no longer in the stream, or the function failed again.
        """
        try:
            document = json.loads(note)
        except ValueError as error:
            raise NotReplayed(f"expected an invocation record of Lambda, got {note[:80]!r}") from error
        if "DDBStreamBatchInfo" in document:
            return self._records(document, self._of_table(document["DDBStreamBatchInfo"]))
        if "KinesisBatchInfo" in document:
            return self._records(document, self._of_kinesis(document["KinesisBatchInfo"]))
        if "requestPayload" in document:
            self._invoke(document, document["requestPayload"])
            return 1
        raise NotReplayed(f"a note of an unknown kind, with {sorted(document)}")

    def _records(self, note: Mapping[str, Any], records: list[dict[str, Any]]) -> int:
        if not records:
            raise NotReplayed("the stream no longer has these records: rebuild what depends on them (make reindex)")
        answer = self._invoke(note, {"Records": records})
        failed = (answer or {}).get("batchItemFailures") or [] if isinstance(answer, dict) else []
        if failed:
            raise NotReplayed(f"{len(failed)} of {len(records)} records failed again")
        return len(records)

    def _invoke(self, note: Mapping[str, Any], event: Any) -> Any:
        function = str(note["requestContext"]["functionArn"]).removesuffix(":$LATEST")
        answer = self.aws.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())
        payload = answer["Payload"].read()
        if answer.get("FunctionError"):
            raise NotReplayed(f"{function.rpartition(':')[2]} failed again: {payload[:200].decode(errors='replace')}")
        return json.loads(payload) if payload else None

    def _of_table(self, batch: Mapping[str, Any]) -> list[dict[str, Any]]:
        streams = self.aws.client("dynamodbstreams")
        first, last = int(batch["startSequenceNumber"]), int(batch["endSequenceNumber"])
        arn = batch["streamArn"]
        try:
            iterator = streams.get_shard_iterator(
                StreamArn=arn, ShardId=batch["shardId"], ShardIteratorType="AT_SEQUENCE_NUMBER",
                SequenceNumber=batch["startSequenceNumber"],
            )["ShardIterator"]  # fmt: skip
        except ClientError as error:
            raise NotReplayed(f"the stream refuses: {error.response['Error']['Code']}") from error
        found: list[dict[str, Any]] = []
        for _ in range(_PAGES):
            answer = streams.get_records(ShardIterator=iterator)
            for record in answer["Records"]:
                number = int(record["dynamodb"]["SequenceNumber"])
                if first <= number <= last:
                    found.append(_json(record) | {"eventSourceARN": arn})
                if number >= last:
                    return found
            iterator = answer.get("NextShardIterator")
            if not iterator or not answer["Records"]:
                break
        return found

    def _of_kinesis(self, batch: Mapping[str, Any]) -> list[dict[str, Any]]:
        kinesis, arn = self.aws.client("kinesis"), str(batch["streamArn"])
        first, last = int(batch["startSequenceNumber"]), int(batch["endSequenceNumber"])
        try:
            iterator = kinesis.get_shard_iterator(
                StreamName=arn.rpartition("/")[2], ShardId=batch["shardId"], ShardIteratorType="AT_SEQUENCE_NUMBER",
                StartingSequenceNumber=batch["startSequenceNumber"],
            )["ShardIterator"]  # fmt: skip
        except ClientError as error:
            raise NotReplayed(f"the stream refuses: {error.response['Error']['Code']}") from error
        found: list[dict[str, Any]] = []
        for _ in range(_PAGES):
            answer = kinesis.get_records(ShardIterator=iterator)
            for record in answer["Records"]:
                number = int(record["SequenceNumber"])
                if first <= number <= last:
                    found.append(_kinesis_event(record, batch["shardId"], arn))
                if number >= last:
                    return found
            iterator = answer.get("NextShardIterator")
            if not iterator or not answer["Records"]:
                break
        return found


def _json(record: Mapping[str, Any]) -> dict[str, Any]:
    """A stream record as Lambda gets it: times as numbers, bytes as base64."""

    def plain(value: Any) -> Any:
        return base64.b64encode(value).decode() if isinstance(value, bytes) else value.timestamp()

    result: dict[str, Any] = json.loads(json.dumps(record, default=plain))
    return result


def _kinesis_event(record: Mapping[str, Any], shard: str, arn: str) -> dict[str, Any]:
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record["PartitionKey"],
            "sequenceNumber": record["SequenceNumber"],
            "data": base64.b64encode(record["Data"]).decode(),
            "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"].timestamp(),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard}:{record['SequenceNumber']}",
        "eventName": "aws:kinesis:record",
        "eventSourceARN": arn,
    }
