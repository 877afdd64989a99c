"""The servers of other projects that suites need answer alike as containers and as processes.

The network on Docker as a whole is tested in ``tests/compose``. Option ``-rP`` shows which of both ran.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from opensearchpy import OpenSearch
from redis import Redis

from emulation.localstack.companion import companion_url
from emulation.settings import DEFAULT_CREDENTIALS, REGION
from services.search.mappings import INDICES
from tests.contract.search_fixtures import Posts
from tests.support.people import eventually
from tests.support.servers import CONTAINER, LOCALSTACK, PROCESS, Server, Servers, image


def _as_expected(server: Server, variable: str) -> None:
    """A container where there is an image for it: a suite that is meant to use Docker does not quietly go without."""
    print(f"{variable}: {server.kind}")
    assert server.kind == (CONTAINER if image(variable) else PROCESS)


def test_search_finds_the_other_forms_of_a_japanese_word(servers: Servers) -> None:
    server = servers.opensearch()
    _as_expected(server, "SEARCH_IMAGE")
    name = f"t-{uuid.uuid4().hex[:12]}"
    with OpenSearch(server.url, timeout=60) as client:
        client.indices.create(index=name, body=INDICES["posts"].body)
        posts = Posts(client, name)
        posts.add("京都でラーメンを食べた", "東京都の朝")
        for word, found in (("食べる", ["p0"]), ("京都", ["p0"]), ("東京", ["p1"])):
            hits = posts.search({"match": {"text": word}})["hits"]["hits"]
            assert [hit["_id"] for hit in hits] == found, word


def test_valkey_expires_keys_after_their_time(servers: Servers) -> None:
    server = servers.valkey()
    _as_expected(server, "VALKEY_IMAGE")
    with Redis.from_url(server.url, decode_responses=True) as client:
        key = uuid.uuid4().hex
        assert client.set(key, "here", px=600_000)
        assert client.get(key) == "here"
        assert 0 < int(str(client.pttl(key))) <= 600_000


def test_the_container_of_localstack_has_what_its_plugins_require(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in LOCALSTACK.items():
        monkeypatch.setenv(name, value)
    assert companion_url()


def test_a_queue_a_table_and_its_stream_of_localstack_answer(servers: Servers) -> None:
    server = servers.localstack()
    _as_expected(server, "LOCALSTACK_WITH_PLUGINS_IMAGE")

    def client(service: str) -> Any:
        connect: Any = boto3.client
        return connect(service, endpoint_url=server.url, region_name=REGION, **DEFAULT_CREDENTIALS.for_boto3())

    name = f"t-{uuid.uuid4().hex[:12]}"
    queues, items, streams = client("sqs"), client("dynamodb"), client("dynamodbstreams")
    queues.create_queue(QueueName=name)
    assert [url for url in queues.list_queues(QueueNamePrefix=name)["QueueUrls"] if url.endswith(name)]
    made = items.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )["TableDescription"]
    # As on AWS, both are made after the answer.
    items.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    now = datetime.now(UTC).isoformat()
    items.put_item(TableName=name, Item={"pk": {"S": "1"}, "at": {"S": now}})
    assert items.get_item(TableName=name, Key={"pk": {"S": "1"}})["Item"]["at"]["S"] == now
    described = eventually(
        lambda: streams.describe_stream(StreamArn=made["LatestStreamArn"])["StreamDescription"],
        lambda stream: stream["StreamStatus"] != "ENABLING",
        "the stream is enabled",
    )
    assert described["StreamStatus"] == "ENABLED"
    assert described["Shards"]
