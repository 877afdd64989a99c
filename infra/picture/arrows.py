"""The arrows of the diagram, each with its evidence in the templates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from infra.picture.boxes import FUNCTION, box_of, is_for_failures, short
from infra.picture.references import Found, Stacks

Flow = Literal["command", "query", "both", "rtc"]

#: Actions that read. The others change something.
_READS = (
    "Get",
    "BatchGet",
    "Query",
    "List",
    "Describe",
    "Head",
    "ESHttpGet",
    "ESHttpHead",
    "ConditionCheck",
    "AdminList",
)
#: A search is a POST; who may not PUT only asks.
_ASKS = frozenset(("es:ESHttpGet", "es:ESHttpPost", "es:ESHttpHead"))
#: The trigger shows how consumers read their work.
_POLLS = ("dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream", "dynamodb:ListStreams")
_ASKING_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
#: The limiter counts questions too, and what is read is told to the fan-out: neither makes a question a command.
_BESIDES = frozenset((("query", "idempotency"), ("query", "timelines")))
#: A function that writes also reads what it writes: a command. These carry the questions of others too.
_TWO_WAYS = frozenset(("behavior", "sign-in", "door"))


@dataclass(frozen=True)
class Proof:
    """``how`` is the kind of connection between two resources; ``by`` names the resource of the template that makes
    it."""

    source: str
    target: str
    writes: bool
    how: str
    by: str
    live: bool = False


@dataclass(frozen=True)
class Arrow:
    """``flow`` is the seed's line style: solid, dashed, bold, double."""

    source: str
    target: str
    flow: Flow
    proofs: tuple[str, ...]


def arrows_of(stacks: Stacks) -> list[Arrow]:
    """Every arrow between two boxes that has evidence in the templates."""
    found: defaultdict[tuple[str, str], list[Proof]] = defaultdict(list)
    for proof in _proofs(stacks):
        if proof.source != proof.target:
            found[proof.source, proof.target].append(proof)
    return [Arrow(*pair, _flow(proofs), _told(proofs)) for pair, proofs in sorted(found.items())]


def _told(proofs: list[Proof]) -> tuple[str, ...]:
    return tuple(sorted({f"{one.how}: {one.by}" for one in proofs}))


def _flow(proofs: list[Proof]) -> Flow:
    if any(one.live for one in proofs):
        return "rtc"
    kinds = {one.writes for one in proofs}
    if not any(kinds):
        return "query"
    return "both" if len(kinds) == 2 and all(one.how in _TWO_WAYS for one in proofs) else "command"


def _proofs(stacks: Stacks) -> Iterator[Proof]:
    yield from _doors(stacks)
    yield from _signed_links(stacks)
    yield from _origins(stacks)
    yield from _routes(stacks)
    yield from _triggers(stacks)
    yield from _subscriptions(stacks)
    yield from _notifications(stacks)
    for function in stacks.of_type(FUNCTION):
        yield from _rights(stacks, function)


def _doors(stacks: Stacks) -> Iterator[Proof]:
    """Resources that clients reach directly."""
    for pool in stacks.of_type("AWS::Cognito::UserPoolClient"):
        for writes in (False, True):
            yield Proof("client", "cognito", writes, "sign-in", pool.logical_id)
    for distribution in stacks.of_type("AWS::CloudFront::Distribution"):
        for writes in (False, True):
            yield Proof("client", "cloudfront", writes, "door", distribution.logical_id)
    for api in stacks.of_type("AWS::ApiGatewayV2::Api"):
        if api.properties.get("ProtocolType") == "WEBSOCKET":
            yield Proof("client", "websocket", True, "socket", api.name, live=True)


def _signed_links(stacks: Stacks) -> Iterator[Proof]:
    """Origins that the Content-Security-Policy lets pages send files to or fetch from, besides the distribution."""
    for bucket in stacks.of_type("AWS::S3::Bucket"):
        rules = (bucket.properties.get("CorsConfiguration") or {}).get("CorsRules") or []
        methods = {method for rule in rules for method in rule["AllowedMethods"]}
        box = box_of(stacks, bucket)
        for method in sorted(methods):
            if box:
                yield Proof(
                    "client", box, method not in _ASKING_METHODS, "signed links", f"{method} {short(bucket.name)}"
                )


def _origins(stacks: Stacks) -> Iterator[Proof]:
    for distribution in stacks.of_type("AWS::CloudFront::Distribution"):
        config = distribution.properties["DistributionConfig"]
        origins = {one["Id"]: one["DomainName"] for one in config["Origins"]}
        for behavior in [config["DefaultCacheBehavior"], *config["CacheBehaviors"]]:
            found = stacks.one(distribution.stack, origins[behavior["TargetOriginId"]])
            box = box_of(stacks, found) if found else None
            for method in behavior.get("AllowedMethods") or ["GET"]:
                if box:
                    path = behavior.get("PathPattern", "*")
                    yield Proof("cloudfront", box, method not in _ASKING_METHODS, "behavior", path)


def _routes(stacks: Stacks) -> Iterator[Proof]:
    for route in stacks.of_type("AWS::ApiGatewayV2::Route"):
        api = stacks.one(route.stack, route.properties["ApiId"])
        integration = stacks.one(route.stack, route.properties["Target"])
        function = integration and stacks.function(integration.stack, integration.properties["IntegrationUri"])
        source = box_of(stacks, api) if api else None
        target = box_of(stacks, function) if function else None
        if source and target:
            key = str(route.properties["RouteKey"])
            # Of an HTTP API, ``$default`` is what no route matches: it gets its 404 from the query function.
            asks = key.startswith("GET ") or (key == "$default" and source == "api-gateway")
            yield Proof(source, target, not asks, "route", key)


def _triggers(stacks: Stacks) -> Iterator[Proof]:
    for mapping in stacks.of_type("AWS::Lambda::EventSourceMapping"):
        function = stacks.function(mapping.stack, mapping.properties["FunctionName"])
        source = stacks.one(mapping.stack, mapping.properties["EventSourceArn"])
        target = box_of(stacks, function) if function else None
        if source is None or function is None or target is None:
            continue
        by = f"{short(source.name)} → {short(function.name)}"
        if source.type == "AWS::DynamoDB::Table":
            yield Proof("dynamodb", "stream", True, "stream", short(source.name))
            yield Proof("stream", target, True, "event source mapping", by)
        else:
            box = box_of(stacks, source)
            assert box is not None
            live = source.type == "AWS::Kinesis::Stream"
            yield Proof(box, target, True, "event source mapping", by, live=live)


def _subscriptions(stacks: Stacks) -> Iterator[Proof]:
    for one in stacks.of_type("AWS::SNS::Subscription"):
        topic = stacks.one(one.stack, one.properties["TopicArn"])
        queue = stacks.one(one.stack, one.properties.get("Endpoint"))
        source, target = box_of(stacks, topic) if topic else None, box_of(stacks, queue) if queue else None
        if source and target and queue:
            yield Proof(source, target, True, "subscription", short(queue.name))


def _notifications(stacks: Stacks) -> Iterator[Proof]:
    for bucket in stacks.of_type("AWS::S3::Bucket"):
        source = box_of(stacks, bucket)
        told = (bucket.properties.get("NotificationConfiguration") or {}).get("LambdaConfigurations") or []
        for one in told:
            function = stacks.function(bucket.stack, one["Function"])
            target = box_of(stacks, function) if function else None
            if source and target:
                yield Proof(source, target, True, "bucket notification", str(one["Event"]))


def _rights(stacks: Stacks, function: Found) -> Iterator[Proof]:
    source = box_of(stacks, function)
    role = stacks.one(function.stack, function.properties["Role"])
    if source is None or role is None:
        return
    for policy in role.properties.get("Policies") or []:
        for statement in policy["PolicyDocument"]["Statement"]:
            for target, found in _reached(stacks, role.stack, statement["Resource"]):
                for action in _listed(statement["Action"]):
                    if action not in _POLLS and not _is_trigger(action):
                        by = f"{short(function.name)} {action} {short(found.name)}"
                        writes = _changes(action, statement) and (source, short(found.name)) not in _BESIDES
                        live = action == "execute-api:ManageConnections" and source == "rtc-lambda"
                        yield Proof(source, target, writes, "right", by, live=live)


def _reached(stacks: Stacks, stack: str, resources: Any) -> Iterator[tuple[str, Found]]:
    for found, attribute in stacks.meant(stack, resources):
        target = box_of(stacks, found)
        work = found.type != "AWS::SQS::Queue" or not is_for_failures(found)
        if target and work and found.type != FUNCTION and attribute != "StreamArn":
            yield target, found


def _is_trigger(action: str) -> bool:
    """Reads of Lambda's poller for the function."""
    polled = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueue")
    return action.startswith((*polled, "kinesis:Get", "kinesis:Describe", "kinesis:List", "kinesis:Subscribe"))


def _changes(action: str, statement: Any) -> bool:
    if action == "es:ESHttpPost":
        return not set(_listed(statement["Action"])) <= _ASKS
    return not action.partition(":")[2].startswith(_READS)


def _listed(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
