"""Lambda functions: which exist, what triggers them, how failures are handled, and their rights."""

from __future__ import annotations

import ast
import re

import pytest

from infra.constants import TABLE_INDEXES
from infra.routes import OPEN_ROUTE, ROUTES
from tests.infra.templates import ROOT, Templates, as_list, text

#: function → (entry, trigger)
FUNCTIONS = {
    "post": ("posts.handler.handler", "http"),
    "profile": ("profiles.handler.handler", "http"),
    "chat": ("chat.handler.handler", "http, sockets"),
    "call": ("calls.handler.handler", "http, sockets"),
    "live": ("live.handler.handler", "http"),
    "notification": ("notifications.handler.handler", "http"),
    "realtime": ("realtime.handler.handler", "http, sockets"),
    "realtime-authorizer": ("realtime.handler.authorizer", "authorizer"),
    "moderation": ("moderation.handler.handler", "http"),
    "account": ("accounts.handler.handler", "http"),
    "query": ("query.handler.handler", "http"),
    "post-projector": ("posts.handler.projector", "stream"),
    "post-sweeper": ("posts.handler.sweeper", "clock"),
    "post-due": ("posts.handler.due", "queue"),
    "profile-projector": ("profiles.handler.projector", "stream"),
    "moderation-projector": ("moderation.handler.projector", "stream"),
    "moderation-applier": ("moderation.handler.applier", "queue"),
    "mails": ("mails.handler.handler", "user pool"),
    "account-worker": ("accounts.handler.worker", "queue"),
    "chat-relay": ("chat.handler.relay", "stream"),
    "chat-arrivals": ("chat.handler.arrival", "queue"),
    "call-projector": ("calls.handler.projector", "stream"),
    "call-timeout": ("calls.handler.timeout", "queue"),
    "call-listener": ("calls.handler.listener", "queue"),
    "live-projector": ("live.handler.projector", "stream"),
    "live-timer": ("live.handler.timer", "queue"),
    "live-listener": ("live.handler.listener", "queue"),
    "realtime-fanout": ("realtime.handler.fanout", "stream"),
    "timeline": ("timelines.handler.fanout", "queue"),
    "indexer": ("search.handler.indexer", "stream"),
    "notifier": ("notifications.handler.notifier", "queue"),
    "pusher": ("notifications.handler.pusher", "queue"),
    "mobile-pusher": ("notifications.handler.mobile_pusher", "queue"),
    "media-processor": ("media.handler.processor", "objects"),
    "media-keeper": ("media.handler.keeper", "queue"),
    "media-collector": ("media.handler.collector", "stream"),
    "origin-rotation": ("origin.handler.rotation", "secret"),
}
STREAM_CONSUMERS = [name for name, (_, trigger) in FUNCTIONS.items() if trigger == "stream"]
QUEUE_CONSUMERS = [name for name, (_, trigger) in FUNCTIONS.items() if trigger == "queue"]
#: Actions without a resource, or on resources that only exist at run time.
WITHOUT_RESOURCES = {"dynamodb:ListStreams", "xray:PutTraceSegments", "xray:PutTelemetryRecords"}


def test_the_templates_have_the_functions_of_the_list(embedded: Templates) -> None:
    found = {name: row["Handler"] for name, row in embedded.functions().items()}
    assert found == {name: f"services.{entry}" for name, (entry, _) in FUNCTIONS.items()}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_handler_exists(function: str) -> None:
    entry, _ = FUNCTIONS[function]
    module, _, name = f"services.{entry}".rpartition(".")
    source = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    assert source.exists(), f"{function}: {source.relative_to(ROOT)} does not exist"
    tree = ast.parse(source.read_text("utf-8"))
    names = {target.id for node in ast.walk(tree) if isinstance(node, ast.Assign) for target in _names(node)}
    names |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert name in names


def _names(node: ast.Assign) -> list[ast.Name]:
    return [target for target in node.targets if isinstance(target, ast.Name)]


@pytest.mark.parametrize("function", STREAM_CONSUMERS)
def test_a_stream_consumer_bisects_retries_three_times_and_notes_failures(embedded: Templates, function: str) -> None:
    mappings = embedded.event_sources(function)
    assert mappings
    for mapping in mappings:
        assert mapping["BisectBatchOnFunctionError"] is True
        assert mapping["MaximumRetryAttempts"] == 3
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert "Failures" in text(mapping["DestinationConfig"]["OnFailure"])


@pytest.mark.parametrize("function", QUEUE_CONSUMERS)
def test_a_queue_consumer_reports_single_failures(embedded: Templates, function: str) -> None:
    mappings = embedded.event_sources(function)
    assert [mapping["FunctionResponseTypes"] for mapping in mappings] == [["ReportBatchItemFailures"]]


def test_the_indexer_follows_posts_and_profiles(embedded: Templates) -> None:
    sources = text([mapping["EventSourceArn"] for mapping in embedded.event_sources("indexer")])
    assert "TablePosts" in sources
    assert "TableProfiles" in sources


def test_failed_uploads_and_sweeps_are_noted(embedded: Templates) -> None:
    configs = embedded.resources("AWS::Lambda::EventInvokeConfig").values()
    assert {config["MaximumRetryAttempts"] for config in configs} == {2}
    noted = " ".join(text(config["DestinationConfig"]) for config in configs)
    assert "MediaProcessorFailures" in noted
    assert "PostSweeperFailures" in noted


def test_only_one_rule_exists_and_it_calls_the_sweeper_every_minute(embedded: Templates) -> None:
    (rule,) = embedded.resources("AWS::Events::Rule").values()
    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(1 minute)", "ENABLED")
    assert "FunctionPostSweeper" in text(rule["Targets"])
    everything = embedded.resources("AWS::Lambda::Permission").values()
    (permission,) = [row for row in everything if row["Principal"] == "events.amazonaws.com"]
    assert "FunctionPostSweeper" in text(permission["SourceArn"])


def test_only_functions_that_show_media_read_the_signing_key(embedded: Templates) -> None:
    allowed = {name for name in FUNCTIONS if "secret:asyncsns/media-signing" in text(embedded.statements(name))}
    assert allowed == {"query", "post", "media-processor", "chat", "chat-relay"}
    for name in allowed:
        (statement,) = [row for row in embedded.statements(name) if row["Sid"] == "SignMediaLinks"]
        assert "secret:asyncsns/media-signing-??????" in text(statement["Resource"])


def test_http_functions_read_the_origin_secret_and_one_function_rotates_it(embedded: Templates) -> None:
    knows = {name for name in FUNCTIONS if "secret:asyncsns/origin-??????" in text(embedded.statements(name))}
    assert knows == {name for name, (_, trigger) in FUNCTIONS.items() if "http" in trigger} | {"origin-rotation"}
    for name in knows:
        rows = [row for row in embedded.statements(name) if "secret:asyncsns/origin-" in text(row["Resource"])]
        actions = [action for row in rows for action in as_list(row["Action"])]
        assert (actions == ["secretsmanager:GetSecretValue"]) is (name != "origin-rotation")


def test_every_function_is_traced_and_logs_for_a_limited_time(embedded: Templates) -> None:
    groups = {row["LogGroupName"]: row for row in embedded.resources("AWS::Logs::LogGroup").values()}
    for name, row in embedded.functions().items():
        assert row["TracingConfig"] == {"Mode": "Active"}
        assert groups[f"/aws/lambda/asyncsns-{name}"]["RetentionInDays"] > 0


@pytest.mark.parametrize("target", ["embedded", "aws"])
def test_no_action_is_a_wildcard_and_no_resource_is_everything(target: str, request: pytest.FixtureRequest) -> None:
    templates: Templates = request.getfixturevalue(target)
    for function in FUNCTIONS:
        for statement in templates.statements(function):
            assert statement["Effect"] == "Allow"
            actions = set(as_list(statement["Action"]))
            assert not [action for action in actions if "*" in action]
            if not actions <= WITHOUT_RESOURCES:
                assert "*" not in as_list(statement["Resource"]), f"{function}: {statement}"


def test_no_separate_policy_widens_a_role(aws: Templates) -> None:
    assert aws.resources("AWS::IAM::Policy") == {}
    attached = [
        key for key, row in aws.resources("AWS::IAM::ManagedPolicy").items() if set(row) & {"Roles", "Users", "Groups"}
    ]
    assert attached == [], "a boundary only limits: it must not be attached as a policy"


def test_only_functions_that_send_to_sockets_may_manage_connections(embedded: Templates) -> None:
    allowed = {name for name in FUNCTIONS if "execute-api:ManageConnections" in text(embedded.statements(name))}
    assert allowed == {"realtime", "realtime-fanout", "chat", "call", "call-timeout"}


def test_queries_write_only_rate_limits_and_timeline_messages(embedded: Templates) -> None:
    statements = {row["Sid"]: as_list(row["Action"]) for row in embedded.statements("query")}
    assert statements.pop("Idempotency") == ["dynamodb:GetItem", "dynamodb:UpdateItem"]
    assert statements.pop("SendTimelines") == ["sqs:SendMessage"]
    actions = {action for listed in statements.values() for action in listed}
    writing = re.compile(r"(Put|Update|Delete|Write|Publish|Send)(?!TraceSegments|TelemetryRecords|LogEvents)")
    assert not [action for action in actions if writing.search(action)]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_environment_names_exactly_the_tables_that_the_role_allows(embedded: Templates, function: str) -> None:
    variables = embedded.functions()[function]["Environment"]["Variables"]
    named = {key.removeprefix("TABLE_").lower() for key in variables if key.startswith("TABLE_")}
    sids = {row["Sid"].lower() for row in embedded.statements(function)}
    allowed = {sid.removeprefix("read") for sid in sids if sid.startswith("read")}
    allowed |= {"idempotency"} & sids
    allowed |= {sid.removeprefix("append") for sid in sids if sid.startswith("append")}
    allowed |= {sid.removeprefix("put") for sid in sids if sid.startswith("put")} & set(TABLE_INDEXES)
    assert named == allowed


@pytest.mark.parametrize("function", ["post", "profile", "chat", "call", "notification", "moderation", "query"])
def test_a_function_has_the_tables_that_its_handler_takes(embedded: Templates, function: str) -> None:
    """A composition root imports the repositories that it needs: each must be granted."""
    entry, _ = FUNCTIONS[function]
    source = ROOT / "services" / entry.split(".")[0] / "handler.py"
    if not source.exists():
        pytest.fail(f"{source.relative_to(ROOT)} does not exist")
    imported = set(re.findall(r"^from services\.(\w+)\.repository import", source.read_text("utf-8"), re.M))
    variables = embedded.functions()[function]["Environment"]["Variables"]
    assert {f"TABLE_{context.upper()}" for context in imported} <= set(variables)


def test_every_command_function_is_idempotent(embedded: Templates) -> None:
    for function in ROUTES:
        kept = [row["Action"] for row in embedded.statements(function) if row["Sid"] == "Idempotency"]
        assert ("dynamodb:PutItem" in text(kept)) is (function != "query")


def test_local_addresses_stay_local(embedded: Templates, aws: Templates) -> None:
    assert "127.0.0.1" in text(embedded.functions())
    assert "127.0.0.1" not in text(aws.functions())
    assert "localhost" not in text(aws.functions())
    assert "AWS_XRAY_DAEMON_ADDRESS" not in text(aws.functions()), "Lambda sets it, and refuses a function that does"


def test_the_open_route_is_the_status() -> None:
    assert OPEN_ROUTE == "GET /v1/status"
