"""Signed AWS calls for the pump and the WebTransport server, over one connection pool."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
from yarl import URL

from emulation.aws.outcome import Outcome
from emulation.settings import DEFAULT_CREDENTIALS, REGION
from emulation.signature import Credentials, signed_headers

#: A synchronous invocation lasts at most as long as the longest function timeout, 15 minutes.
INVOKE_SECONDS = 910
#: Tells the emulator host that nobody waits for the answer: calls of people go first.
_BACKGROUND = {"X-Asyncsns-Caller": "background"}
#: The emulator host names its run here: iterators of an earlier run may point beyond records that were lost.
INSTANCE_HEADER = "x-asyncsns-instance"


class AwsError(Exception):
    """An error answer; ``code`` is AWS's (``ExpiredIteratorException`` ...)."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.status = status


@dataclass(frozen=True)
class Page:
    """Records of one GetRecords; ``following`` is None when the shard has been closed and read to its end."""

    records: list[dict[str, Any]]
    following: str | None
    instance: str


@dataclass
class AwsClient:
    """DynamoDB Streams, Kinesis, Lambda, SQS and SNS of one endpoint."""

    endpoint: str
    session: aiohttp.ClientSession
    #: The account's root user's.
    credentials: tuple[str, str] = DEFAULT_CREDENTIALS

    async def get_records(self, service: str, iterator: str, limit: int) -> Page:
        """Raises AwsError."""
        target = _STREAM_TARGETS[service]
        answer, headers = await self._json(service, f"{target}.GetRecords", {"ShardIterator": iterator, "Limit": limit})
        return Page(answer["Records"], answer.get("NextShardIterator"), headers.get(INSTANCE_HEADER, ""))

    async def shard_iterator(self, arn: str, shard_id: str, start: dict[str, Any]) -> tuple[str, str]:
        """``start``: ShardIteratorType and what it needs. Returns the iterator and the emulator's instance."""
        service = arn.split(":")[2]
        body = {"ShardId": shard_id, **start}
        if service == "dynamodb":
            body["StreamArn"] = arn
        else:
            body["StreamName"] = arn.split("/")[1]
            if "SequenceNumber" in body:
                body["StartingSequenceNumber"] = body.pop("SequenceNumber")
        answer, headers = await self._json(service, f"{_STREAM_TARGETS[service]}.GetShardIterator", body)
        return str(answer["ShardIterator"]), headers.get(INSTANCE_HEADER, "")

    async def shard_ids(self, arn: str) -> list[str]:
        """All shards of a stream, open and closed, parents first."""
        if arn.split(":")[2] == "dynamodb":
            answer, _ = await self._json("dynamodb", "DynamoDBStreams_20120810.DescribeStream", {"StreamArn": arn})
            shards = answer["StreamDescription"]["Shards"]
        else:
            name = arn.split("/")[1]
            answer, _ = await self._json("kinesis", "Kinesis_20131202.ListShards", {"StreamName": name})
            shards = answer["Shards"]
        return [shard["ShardId"] for shard in shards]

    async def mappings(self) -> list[dict[str, Any]]:
        """All event source mappings."""
        found: list[dict[str, Any]] = []
        marker = ""
        while True:
            query = f"?Marker={quote(marker, safe='')}" if marker else ""
            answer = await self._lambda("GET", f"/2015-03-31/event-source-mappings/{query}")
            found += answer["EventSourceMappings"]
            marker = answer.get("NextMarker") or ""
            if not marker:
                return found

    async def switch_mapping(self, identifier: str, enabled: bool) -> dict[str, Any]:
        path = f"/2015-03-31/event-source-mappings/{identifier}"
        return await self._lambda("PUT", path, {"Enabled": enabled})

    async def function_role(self, function_arn: str) -> str:
        path = f"/2015-03-31/functions/{quote(function_arn, safe='')}/configuration"
        return str((await self._lambda("GET", path)).get("Role", ""))

    async def invoke(self, function_arn: str, event: dict[str, Any]) -> Outcome:
        """Invoke a function synchronously; throttled and unreachable functions give ``started=False``."""
        path = f"/2015-03-31/functions/{quote(function_arn, safe='')}/invocations"
        body, timeout = json.dumps(event).encode(), aiohttp.ClientTimeout(total=INVOKE_SECONDS)
        try:
            async with self._send("lambda", "POST", path, body, dict(_BACKGROUND), timeout) as answer:
                content = await answer.read()
                if answer.status >= 300:
                    return Outcome(status=answer.status, started=False)
                return Outcome(
                    payload=_parsed(content),
                    error=answer.headers.get("X-Amz-Function-Error"),
                    request_id=answer.headers.get("x-amzn-RequestId", ""),
                    status=answer.status,
                )
        except (aiohttp.ClientError, TimeoutError):
            # The function may have run or not: at least once means that it runs again.
            return Outcome(status=503, started=False)

    async def deliver(self, arn: str, message: str) -> None:
        """Put a message into the queue or onto the topic ``arn``.

        Raises:
            AwsError: refused, or the ARN is of another service.
        """
        service, name = arn.split(":")[2], arn.split(":")[-1]
        if service == "sqs":
            url, _ = await self._json("sqs", "AmazonSQS.GetQueueUrl", {"QueueName": name})
            body = {"QueueUrl": url["QueueUrl"], "MessageBody": message}
            await self._json("sqs", "AmazonSQS.SendMessage", body)
        elif service == "sns":
            form = {"Action": "Publish", "Version": "2010-03-31", "TopicArn": arn, "Message": message}
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            async with self._send("sns", "POST", "/", urlencode(form).encode(), headers) as answer:
                await _raise_for(answer)
        else:
            raise AwsError("UnsupportedDestination", f"expected a queue or a topic, got {arn}", 400)

    async def _lambda(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        content = json.dumps(body).encode() if body is not None else b""
        async with self._send("lambda", method, path, content, {}) as answer:
            await _raise_for(answer)
            return dict(await answer.json(content_type=None))

    async def _json(self, service: str, target: str, body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        version = "1.1" if service == "kinesis" else "1.0"
        headers = {"X-Amz-Target": target, "Content-Type": f"application/x-amz-json-{version}"}
        async with self._send(service, "POST", "/", json.dumps(body).encode(), headers) as answer:
            await _raise_for(answer)
            return dict(await answer.json(content_type=None)), {k.lower(): v for k, v in answer.headers.items()}

    def _send(
        self, service: str, method: str, path: str, body: bytes, headers: dict[str, str],
        timeout: aiohttp.ClientTimeout | None = None,
    ) -> Any:  # fmt: skip
        url = URL(self.endpoint + path, encoded=True)
        host, credentials = url.raw_authority, Credentials(*self.credentials)
        signed = signed_headers(credentials, REGION, service, method, host, url.raw_path_qs, body, headers)
        return self.session.request(
            method, url, data=body, headers={**headers, **signed},
            timeout=timeout or aiohttp.ClientTimeout(total=30),
        )  # fmt: skip


_STREAM_TARGETS = {"dynamodb": "DynamoDBStreams_20120810", "kinesis": "Kinesis_20131202"}


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content) if content else None
    except ValueError:
        return content.decode(errors="replace")


async def _raise_for(answer: aiohttp.ClientResponse) -> None:
    if answer.status < 300:
        return
    content = await answer.read()
    fields = _parsed(content)
    if not isinstance(fields, dict):
        fields = {"message": str(fields)[:300]}
    code = str(fields.get("__type") or answer.headers.get("x-amzn-ErrorType") or "Unknown").rpartition("#")[2]
    raise AwsError(code.partition(":")[0], str(fields.get("message") or fields.get("Message")), answer.status)
