"""MiniStack in our host process and LocalStack, side by side in one run: requests a second, and how late streams are.

Both are started for this suite, empty, beside the running network. Signed requests are made once and replayed, so that
the clients cost little; the emulators take turns, so that neither has the quieter machine.
"""

from __future__ import annotations

import contextlib
import io
import json
import socket
import statistics
import threading
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config
from httptools import HttpParserError, HttpResponseParser

from emulation.settings import DEFAULT_CREDENTIALS, REGION
from loadtests.bench.own_emulator import LOCALSTACK_PYTHON, emulator_of, localstack_of, pump_of
from loadtests.bench.report import Figure

_ROUNDS, _CLIENTS, _SECONDS = 3, 8, 3.0
_RECORDS = 20
_PATIENCE_S = 120.0
_AIM = "≥ 10×"
_OURS, _THEIRS = "MiniStack", "LocalStack"
_HANDLER = """
import json, os, time
import boto3

queues = boto3.client("sqs")

def handler(event, context):
    now = time.time()
    print("called")
    for record in event.get("Records", ()):
        said = json.dumps([record["dynamodb"]["Keys"]["pk"]["S"], now])
        queues.send_message(QueueUrl=os.environ["QUEUE"], MessageBody=said)
    return {"statusCode": 200, "body": "{}"}
"""
_STREAM = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
_EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@dataclass(frozen=True)
class Replayed:
    """One request, sent again and again."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None

    def rate(self) -> float:
        """Requests a second by all clients together.

        Raises:
            RuntimeError: an answer was not a success.
        """
        counts, wrong = [0] * _CLIENTS, []
        until = time.perf_counter() + _SECONDS

        def client(number: int) -> None:
            try:
                counts[number] = self._repeat(until)
            except (OSError, HttpParserError, RuntimeError) as error:
                wrong.append(error)

        begun = time.perf_counter()
        threads = [threading.Thread(target=client, args=(number,)) for number in range(_CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if wrong:
            raise RuntimeError(f"{self.method} {self.url}: {wrong[0]}")
        return sum(counts) / (time.perf_counter() - begun)

    def _repeat(self, until: float) -> int:
        parts = urlsplit(self.url)
        request, count = self._raw(), 0
        with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=60) as connection:
            while time.perf_counter() < until:
                connection.sendall(request)
                status, said = _Answer().read(connection)
                if status >= 300:
                    raise RuntimeError(f"{status} {said[:200]!r}")
                count += 1
        return count

    def _raw(self) -> bytes:
        """The request as it is sent: made once."""
        parts, body = urlsplit(self.url), self.body or b""
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Host": parts.netloc, **self.headers}
        if body:
            headers["Content-Length"] = str(len(body))
        lines = [f"{self.method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + body


class _Answer:
    """Reads one response. ``http.client`` takes more processor time than the emulator that answers."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._is_whole = False

    def on_body(self, part: bytes) -> None:
        self._parts.append(part)

    def on_message_complete(self) -> None:
        self._is_whole = True

    def read(self, connection: socket.socket) -> tuple[int, bytes]:
        """Status and body.

        Raises:
            ConnectionError: the connection was closed before the response was whole.
        """
        parser = HttpResponseParser(self)
        while not self._is_whole:
            received = connection.recv(1 << 16)
            if not received:
                raise ConnectionError("closed before the response was whole")
            parser.feed_data(received)
        return parser.get_status_code(), b"".join(self._parts)


@dataclass(frozen=True)
class Emulator:
    """``url`` of its AWS APIs; ``gateway``: of the process that serves its HTTP APIs."""

    url: str
    gateway: str

    def client(self, service: str) -> Any:
        config = Config(s3={"addressing_style": "path"}, read_timeout=60, retries={"max_attempts": 1})
        connect: Any = boto3.client
        return connect(
            service, endpoint_url=self.url, region_name=REGION, config=config, **DEFAULT_CREDENTIALS.for_boto3()
        )

    def queue(self) -> str:
        return str(self.client("sqs").create_queue(QueueName="bench")["QueueUrl"])

    def function(self, queue: str) -> str:
        """The ARN of a function that tells ``queue`` which records it got, and when."""
        roles, functions = self.client("iam"), self.client("lambda")
        role = roles.create_role(RoleName="bench", AssumeRolePolicyDocument=json.dumps(_TRUST))["Role"]["Arn"]
        roles.put_role_policy(RoleName="bench", PolicyName="all", PolicyDocument=json.dumps(_EVERYTHING))
        made = functions.create_function(
            FunctionName="bench", Runtime="python3.11", Handler="index.handler", Role=role, Timeout=60, MemorySize=256,
            Code={"ZipFile": _archive()}, Environment={"Variables": {"QUEUE": queue}},
        )  # fmt: skip
        functions.get_waiter("function_active_v2").wait(FunctionName="bench", WaiterConfig={"Delay": 1})
        return str(made["FunctionArn"])

    def requests(self, function: str, queue: str) -> dict[str, Replayed]:
        """What is replayed, by name."""
        items, objects, streams, queues = map(self.client, ("dynamodb", "s3", "kinesis", "sqs"))
        objects.create_bucket(Bucket="bench")
        objects.put_object(Bucket="bench", Key="photo", Body=b"x" * 10_000)
        streams.create_stream(StreamName="bench", ShardCount=1)
        streams.get_waiter("stream_exists").wait(StreamName="bench", WaiterConfig={"Delay": 1})
        _table(items, "plain")
        items.put_item(TableName="plain", Item={"pk": {"S": "1"}, "text": {"S": "朝の散歩"}})
        key, item = {"pk": {"S": "1"}}, {"pk": {"S": "2"}, "text": {"S": "朝の散歩"}}
        return {
            "HTTP API → function": Replayed("GET", self._api(function)),
            "DynamoDB GetItem": _signed(items, items.get_item, TableName="plain", Key=key),
            "DynamoDB PutItem": _signed(items, items.put_item, TableName="plain", Item=item),
            "SQS SendMessage": _signed(queues, queues.send_message, QueueUrl=queue, MessageBody="a message"),
            "Kinesis PutRecord": _signed(
                streams, streams.put_record, StreamName="bench", Data=b"a record", PartitionKey="1"
            ),
            "S3 GetObject, 10 kB": _signed(objects, objects.get_object, Bucket="bench", Key="photo"),
        }

    def _api(self, function: str) -> str:
        gateway = self.client("apigatewayv2")
        api = gateway.create_api(Name="bench", ProtocolType="HTTP")["ApiId"]
        uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function}/invocations"
        calls = gateway.create_integration(
            ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=uri, PayloadFormatVersion="2.0"
        )["IntegrationId"]
        gateway.create_route(ApiId=api, RouteKey="$default", Target=f"integrations/{calls}")
        gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
        self.client("lambda").add_permission(
            FunctionName="bench",
            StatementId="api",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
        )  # fmt: skip
        return f"{self.gateway}/_aws/execute-api/{api}/"

    def lags(self, function: str, queue: str) -> list[float]:
        """Seconds from a written item to the function that got its record, one item after the other."""
        items, streams, queues, functions = map(self.client, ("dynamodb", "dynamodbstreams", "sqs", "lambda"))
        stream = _table(items, "streamed", StreamSpecification=_STREAM)

        def is_enabled() -> bool:
            return bool(streams.describe_stream(StreamArn=stream)["StreamDescription"]["StreamStatus"] == "ENABLED")

        # LocalStack loses the records of items that were written earlier.
        _wait(is_enabled, "the stream is enabled")
        made = functions.create_event_source_mapping(
            EventSourceArn=stream, FunctionName=function, StartingPosition="TRIM_HORIZON", BatchSize=10
        )

        def is_read() -> bool:
            return bool(functions.get_event_source_mapping(UUID=made["UUID"])["State"] == "Enabled")

        _wait(is_read, "the stream is read")
        taken = [_lag(items, queues, queue) for _ in range(_RECORDS + 1)]
        functions.delete_event_source_mapping(UUID=made["UUID"])
        # The first waits for the start of the function.
        return taken[1:]


def run() -> list[Figure]:
    """Rates are medians of the rounds; the ratios are ours to LocalStack's."""
    if not LOCALSTACK_PYTHON.exists():
        print("emulators: left out, because LocalStack is not installed: make install EMULATOR=localstack", flush=True)
        return []
    with _ministack() as ours, _localstack() as theirs:
        emulators = {_OURS: ours, _THEIRS: theirs}
        queues = {
            name: one.client("sqs").create_queue(QueueName="bench")["QueueUrl"] for name, one in emulators.items()
        }
        functions = {name: one.function(queues[name]) for name, one in emulators.items()}
        # Before the queues are full of what the rates send.
        lags = {name: one.lags(functions[name], queues[name]) for name, one in emulators.items()}
        requests = {name: one.requests(functions[name], queues[name]) for name, one in emulators.items()}
        rates: dict[tuple[str, str], list[float]] = {}
        for _ in range(_ROUNDS):
            # One emulator after the other: LocalStack works on for a while after the last response.
            for name in emulators:
                for what, replayed in requests[name].items():
                    rates.setdefault((what, name), []).append(replayed.rate())
    return [*_rate_figures(rates), *_lag_figures(lags)]


def _rate_figures(rates: dict[tuple[str, str], list[float]]) -> list[Figure]:
    note = f"{_CLIENTS} clients, median of {_ROUNDS} rounds of {_SECONDS:.0f} s"
    medians = {key: statistics.median(values) for key, values in rates.items()}
    figures = []
    for what in dict.fromkeys(what for what, _ in rates):
        ours, theirs = medians[what, _OURS], medians[what, _THEIRS]
        figures += [
            Figure("emulators", f"{what}, {_OURS}", ours, "/s", note=note),
            Figure("emulators", f"{what}, {_THEIRS}", theirs, "/s", note=note),
            Figure("emulators", f"{what}, ratio", ours / theirs, "×", _AIM),
        ]
    return figures


def _lag_figures(lags: dict[str, list[float]]) -> list[Figure]:
    what = "DynamoDB stream → function"
    note = f"{_RECORDS} items, one after the other"
    ours, theirs = (statistics.median(lags[name]) * 1000 for name in (_OURS, _THEIRS))
    return [
        Figure("emulators", f"{what} p50, {_OURS}", ours, "ms", note=note),
        Figure("emulators", f"{what} p50, {_THEIRS}", theirs, "ms", note=note),
        Figure("emulators", f"{what} p50, ratio", theirs / ours, "×", _AIM),
    ]


@contextlib.contextmanager
def _ministack() -> Iterator[Emulator]:
    with emulator_of("emulation.emulator") as (_, url), pump_of(url):
        yield Emulator(url, url)


@contextlib.contextmanager
def _localstack() -> Iterator[Emulator]:
    with localstack_of() as (url, companion):
        yield Emulator(url, companion)


def _archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("index.py", _HANDLER)
    return made.getvalue()


def _table(items: Any, name: str, **streams: Any) -> str:
    """The ARN of its stream, if ``streams`` asks for one."""
    made = items.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        **streams,
    )
    items.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    return str(made["TableDescription"].get("LatestStreamArn", ""))


def _signed(client: Any, operation: Callable[..., Any], **arguments: Any) -> Replayed:
    """The request that ``operation`` sends."""
    sent: list[AWSPreparedRequest] = []

    def keep(request: AWSPreparedRequest, **_: Any) -> None:
        sent.append(request)

    client.meta.events.register("before-send", keep)
    try:
        operation(**arguments)
    finally:
        client.meta.events.unregister("before-send", keep)
    request = sent[-1]
    headers = {name: value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()}
    body = request.body.encode() if isinstance(request.body, str) else request.body
    if not isinstance(body, bytes | None):
        raise TypeError(f"{request.url}: a body that is sent once can't be replayed")
    return Replayed(str(request.method), str(request.url), headers, body)


def _lag(items: Any, queues: Any, queue: str) -> float:
    name = uuid.uuid4().hex
    begun = time.time()
    items.put_item(TableName="streamed", Item={"pk": {"S": name}})
    arrived: list[float] = []

    def told() -> bool:
        for message in queues.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", ()):
            queues.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            about, at = json.loads(message["Body"])
            if about == name:
                arrived.append(at)
        return bool(arrived)

    _wait(told, "the record of an item")
    return arrived[0] - begun


def _wait(holds: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + _PATIENCE_S
    while not holds():
        if time.monotonic() > until:
            raise TimeoutError(f"{what}: not within {_PATIENCE_S:.0f} s")
        time.sleep(0.05)
