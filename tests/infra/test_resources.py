"""Tables, queues, buckets, gateways, edge and alarms match the design."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from infra.constants import (
    ACCOUNT_CONCURRENCY,
    ORIGIN_HEADER,
    ORIGIN_SECRET,
    RESERVED,
    STREAMED_TABLES,
    SUBSCRIPTIONS,
    TABLE_INDEXES,
)
from kit.deploy.context import REFUSED
from services.common.entry import origin
from services.common.events import REGISTRY
from tests.infra.templates import ROOT, Templates, text

Json = dict[str, Any]

#: Outputs that the finish step, tests and tools read.
STABLE_OUTPUTS = {
    "DistributionDomain",
    "DistributionId",
    "HttpApiId",
    "IdentityPoolId",
    "MediaBucket",
    "StreamRealtime",
    "TopicEvents",
    "TopicOps",
    "UiBucket",
    "UserPoolClientId",
    "UserPoolId",
    "VapidPublicKey",
    "WebSocketApiId",
}


def test_tables_are_protected_restorable_and_indexed_as_designed(aws: Templates) -> None:
    tables = {row["TableName"].removeprefix("asyncsns-"): row for row in aws.resources("AWS::DynamoDB::Table").values()}
    assert set(tables) == set(TABLE_INDEXES)
    for name, table in tables.items():
        assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
        assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
        assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table["DeletionProtectionEnabled"] is True
        assert ("StreamSpecification" in table) is (name in STREAMED_TABLES)
        indexes = table.get("GlobalSecondaryIndexes", [])
        assert [index["IndexName"] for index in indexes] == [f"gsi{n + 1}" for n in range(TABLE_INDEXES[name])]
        assert all(index["Projection"] == {"ProjectionType": "ALL"} for index in indexes)


def test_personal_data_outlives_the_stacks_only_on_aws(aws: Templates, embedded: Templates) -> None:
    kinds = {"AWS::DynamoDB::Table": len(TABLE_INDEXES), "AWS::Cognito::UserPool": 1}
    for kind, count in kinds.items():
        for templates, policy in ((aws, "RetainExceptOnCreate"), (embedded, "Delete")):
            found = [row["DeletionPolicy"] for _, row in templates.all() if row["Type"] == kind]
            assert found == [policy] * count


def test_sockets_may_write_their_access_log(aws: Templates) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html"""
    (account,) = aws.resources("AWS::ApiGateway::Account")
    stack, _, account_id = account.partition("/")
    resources = aws.stacks[stack]["Resources"]
    role = resources[resources[account_id]["Properties"]["CloudWatchRoleArn"]["Fn::GetAtt"][0]]["Properties"]
    assert "AmazonAPIGatewayPushToCloudWatchLogs" in text(role["ManagedPolicyArns"])
    stages = [row for _, row in aws.all() if row["Type"] == "AWS::ApiGatewayV2::Stage"]
    stages = [row for row in stages if row["Properties"]["StageName"] == "live"]
    assert [account_id in row["DependsOn"] for row in stages] == [True]


def test_every_queue_gives_up_after_three_receives(embedded: Templates) -> None:
    queues = {row["QueueName"]: row for row in embedded.resources("AWS::SQS::Queue").values()}
    consumed = {name for name in queues if not name.endswith(("-dlq", "-failures"))}
    assert {name.removeprefix("asyncsns-") for name in consumed} == {
        *SUBSCRIPTIONS, "call-timeouts", "chat-arrivals", "due", "accounts", "live-looks",
    }  # fmt: skip
    for name in consumed:
        assert queues[name]["RedrivePolicy"]["maxReceiveCount"] == 3
        assert f"{name}-dlq" in queues
        assert queues[f"{name}-dlq"]["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert queues["asyncsns-call-timeouts"]["DelaySeconds"] == 30
    assert queues["asyncsns-chat-arrivals"]["DelaySeconds"] == 15


def test_aws_hides_a_message_for_six_function_timeouts(aws: Templates) -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""
    consumers = ("timeline", "notifier", "pusher", "call-timeout", "post-due")
    (timeout,) = {aws.functions()[name]["Timeout"] for name in consumers}
    for row in aws.resources("AWS::SQS::Queue").values():
        if "RedrivePolicy" in row:
            worker = aws.functions()["account-worker"]["Timeout"]
            assert row["VisibilityTimeout"] == 6 * (worker if row["QueueName"] == "asyncsns-accounts" else timeout)


def test_subscriptions_pass_on_registered_events_and_lose_none(embedded: Templates) -> None:
    subscriptions = embedded.resources("AWS::SNS::Subscription")
    assert len(subscriptions) == len(SUBSCRIPTIONS)
    for row in subscriptions.values():
        assert set(row["FilterPolicy"]["type"]) <= set(REGISTRY)
        assert row["RawMessageDelivery"] is True
        assert "deadLetterTargetArn" in row["RedrivePolicy"]


@pytest.mark.parametrize("bucket", ["ui", "media", "exports", "access-logs"])
def test_buckets_are_private_and_encrypted(aws: Templates, bucket: str) -> None:
    (row,) = [
        row for row in aws.resources("AWS::S3::Bucket").values() if f"asyncsns-{bucket}-" in text(row["BucketName"])
    ]
    assert set(row["PublicAccessBlockConfiguration"].values()) == {True}
    assert "AES256" in text(row["BucketEncryption"])


def test_uploads_start_the_processor_and_are_forgotten_after_a_day(embedded: Templates) -> None:
    (row,) = [row for row in embedded.resources("AWS::S3::Bucket").values() if "NotificationConfiguration" in row]
    (configuration,) = row["NotificationConfiguration"]["LambdaConfigurations"]
    assert configuration["Event"] == "s3:ObjectCreated:*"
    assert configuration["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "uploads/"}]
    (rule,) = row["LifecycleConfiguration"]["Rules"]
    assert (rule["Prefix"], rule["ExpirationInDays"]) == ("uploads/", 1)
    (cors,) = row["CorsConfiguration"]["CorsRules"]
    assert cors["AllowedMethods"] == ["POST", "PUT"]


def test_cloudfront_reads_only_served_files_of_the_media_bucket(embedded: Templates) -> None:
    policies = embedded.resources("AWS::S3::BucketPolicy").values()
    (policy,) = [row["PolicyDocument"] for row in policies if "asyncsns-media" in text(row["Bucket"])]
    (statement,) = policy["Statement"]
    assert statement["Action"] == "s3:GetObject"
    assert statement["Resource"].endswith("/media/*")
    assert "Distribution" in text(statement["Condition"])


def test_cloudfront_proves_to_the_api_that_a_request_came_through_it(aws: Templates) -> None:
    """The secret is in no template and no variable: CloudFormation resolves it into the header."""
    (row,) = aws.resources("AWS::CloudFront::Distribution").values()
    sent = {
        text(origin["DomainName"]): origin.get("OriginCustomHeaders") for origin in row["DistributionConfig"]["Origins"]
    }
    (api,) = [headers for domain, headers in sent.items() if "execute-api" in domain]
    reference = "{{resolve:secretsmanager:asyncsns/origin:SecretString:::}}"
    assert api == [{"HeaderName": ORIGIN_HEADER, "HeaderValue": reference}]
    assert ORIGIN_HEADER == origin.HEADER
    assert [headers for domain, headers in sent.items() if "execute-api" not in domain] == [None, None]
    (secret,) = aws.resources("AWS::SecretsManager::Secret").values()
    assert "SecretString" not in secret
    made = secret["GenerateSecretString"]
    assert (secret["Name"], made["PasswordLength"]) == (ORIGIN_SECRET, 48)
    assert set('"\\ '.strip()) <= set(made["ExcludeCharacters"])


def test_the_origin_secret_rotates(aws: Templates, embedded: Templates) -> None:
    (schedule,) = aws.resources("AWS::SecretsManager::RotationSchedule").values()
    assert "OriginSecret" in text(schedule["SecretId"])
    assert "FunctionOriginRotation" in text(schedule["RotationLambdaARN"])
    assert (schedule["RotateImmediatelyOnUpdate"], schedule["RotationRules"]) == (False, {"AutomaticallyAfterDays": 30})
    permissions = aws.resources("AWS::Lambda::Permission").values()
    (permission,) = [one for one in permissions if one["Principal"] == "secretsmanager.amazonaws.com"]
    assert "OriginSecret" in text(permission["SourceArn"])
    assert "SourceAccount" in permission
    assert not embedded.resources("AWS::SecretsManager::RotationSchedule")


def test_every_http_route_but_the_status_needs_an_access_token(embedded: Templates) -> None:
    """ID tokens of Cognito have no scope, so a route that demands one refuses them."""
    routes = {row["RouteKey"]: row for row in _routes(embedded, "HttpApi")}
    assert {key for key, row in routes.items() if row["AuthorizationType"] != "JWT"} == {"GET /v1/status"}
    gated = [row for key, row in routes.items() if key != "GET /v1/status"]
    assert all("AuthorizerId" in row for row in gated)
    assert all(row["AuthorizationScopes"] == ["aws.cognito.signin.user.admin"] for row in gated)
    (authorizer,) = [
        row for row in embedded.resources("AWS::ApiGatewayV2::Authorizer").values() if row["AuthorizerType"] == "JWT"
    ]
    assert "cognito-idp" in text(authorizer["JwtConfiguration"]["Issuer"])


def test_socket_routes_are_the_actions_and_connecting_needs_a_ticket(embedded: Templates) -> None:
    routes = {row["RouteKey"]: row for row in _routes(embedded, "WebSocketApi")}
    actions = {f"chat.{verb}" for verb in ("send", "read", "delivered", "typing", "presence")}
    verbs = ("start", "accept", "decline", "hangup", "here", "signal", "leave", "current")
    actions |= {f"call.{verb}" for verb in verbs}
    actions |= {f"room.{verb}" for verb in ("join", "here", "leave", "read", "signal")}
    assert set(routes) == actions | {"$connect", "$disconnect", "$default", "ping"}
    assert routes["$connect"]["AuthorizationType"] == "CUSTOM"
    (authorizer,) = [
        row
        for row in embedded.resources("AWS::ApiGatewayV2::Authorizer").values()
        if row["AuthorizerType"] == "REQUEST"
    ]
    assert authorizer["IdentitySource"] == ["route.request.querystring.ticket"]


def _routes(templates: Templates, api: str) -> list[Json]:
    rows = templates.resources("AWS::ApiGatewayV2::Route").values()
    return [row for row in rows if api in text(row["ApiId"])]


def test_both_apis_throttle_and_log(embedded: Templates) -> None:
    stages = embedded.resources("AWS::ApiGatewayV2::Stage").values()
    assert sorted(row["StageName"] for row in stages) == ["$default", "live"]
    for row in stages:
        assert row["DefaultRouteSettings"]["ThrottlingRateLimit"] > 0
        assert json.loads(row["AccessLogSettings"]["Format"])["requestId"] == "$context.requestId"


def test_the_gateway_waits_longer_than_its_functions(embedded: Templates) -> None:
    """Otherwise a slow command would be answered with 503 while it still runs."""
    integrations = [r for r in embedded.resources("AWS::ApiGatewayV2::Integration").values() if "TimeoutInMillis" in r]
    longest = max(embedded.functions()[name]["Timeout"] for name in ("post", "profile", "chat", "call", "query"))
    assert all(row["TimeoutInMillis"] > longest * 1000 for row in integrations)


def test_ui_media_and_api_share_one_origin(aws: Templates) -> None:
    (row,) = aws.resources("AWS::CloudFront::Distribution").values()
    config = row["DistributionConfig"]
    behaviours = {item["PathPattern"]: item for item in config["CacheBehaviors"]}
    assert list(behaviours) == ["/v1/*", "/v2/*", "/media/public/*", "/media/*"]
    assert behaviours["/media/*"]["TrustedKeyGroups"]
    assert "TrustedKeyGroups" not in behaviours["/media/public/*"]
    assert config["HttpVersion"] == "http2and3"
    assert config["WebACLId"]
    assert config["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "redirect-to-https"
    assert config["DefaultCacheBehavior"]["FunctionAssociations"][0]["EventType"] == "viewer-request"
    pages = [row for row in config["CustomErrorResponses"] if "ResponsePagePath" in row]
    assert pages == [], "they would replace the API's problem documents"
    assert {row["ErrorCachingMinTTL"] for row in config["CustomErrorResponses"]} == {0}
    assert {"execute-api" in text(origin["DomainName"]) for origin in config["Origins"]} == {True, False}


@pytest.mark.parametrize("target", ["embedded", "aws"])
def test_alarms_notify_the_operators(target: str, request: pytest.FixtureRequest) -> None:
    templates: Templates = request.getfixturevalue(target)
    alarms = templates.resources("AWS::CloudWatch::Alarm").values()
    assert all(row["AlarmActions"] and row["TreatMissingData"] == "notBreaching" for row in alarms)
    seen = [(row["MetricName"], _plain(row.get("Dimensions", []))) for row in alarms]
    watched = {(metric, dimension["Value"]) for metric, dimensions in seen for dimension in dimensions}
    for queue in templates.resources("AWS::SQS::Queue").values():
        if "RedrivePolicy" not in queue:
            assert ("ApproximateNumberOfMessagesVisible", queue["QueueName"]) in watched
    for function in templates.functions():
        assert ("Errors", f"asyncsns-{function}") in watched
    assert "5xx" in {metric for metric, _ in watched} | {row["MetricName"] for row in alarms}


def test_each_alarm_names_a_runbook_and_each_runbook_its_alarms(aws: Templates) -> None:
    pages = {page.stem: page.read_text("utf-8") for page in (ROOT / "docs/runbooks").glob("*.md")}
    index = pages.pop("README")
    named = set()
    for row in aws.resources("AWS::CloudWatch::Alarm").values():
        found = re.search(r"\S.*\. Runbook: docs/runbooks/([a-z-]+)\.md$", row["AlarmDescription"])
        assert found, row["AlarmName"]
        named.add(found[1])
    assert named == set(pages) - {"restore", "rotate"}, "each page needs an alarm that names it"
    assert all(f"[{page}.md]({page}.md)" in index for page in pages)


def test_alarms_cover_storage_lag_and_throttling(aws: Templates) -> None:
    alarms = list(aws.resources("AWS::CloudWatch::Alarm").values())
    by_metric: dict[str, list[Json]] = {}
    for row in alarms:
        by_metric.setdefault(row["MetricName"], []).append(row)
    consumed = [row["QueueName"] for row in aws.resources("AWS::SQS::Queue").values() if "RedrivePolicy" in row]
    old = [row["Dimensions"][0]["Value"] for row in by_metric["ApproximateAgeOfOldestMessage"]]
    assert sorted(old) == sorted(consumed)
    assert len(by_metric["WriteThrottleEvents"]) == len(TABLE_INDEXES) + sum(TABLE_INDEXES.values())
    (storage,) = by_metric["FreeStorageSpace"]
    assert (storage["Statistic"], storage["ComparisonOperator"]) == ("Minimum", "LessThanOrEqualToThreshold")
    assert {"Throttles", "ConcurrentExecutions", "JVMMemoryPressure", "5xxErrorRate"} <= set(by_metric)


def test_background_work_leaves_concurrency_for_interactive_requests(aws: Templates, embedded: Templates) -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html and configuration-concurrency.html"""
    reserved = {
        name: row["ReservedConcurrentExecutions"]
        for name, row in aws.functions().items()
        if "ReservedConcurrentExecutions" in row
    }
    assert reserved == RESERVED
    queues = [row for row in aws.resources("AWS::Lambda::EventSourceMapping").values() if "ScalingConfig" in row]
    assert len(queues) == sum("RedrivePolicy" in row for row in aws.resources("AWS::SQS::Queue").values())
    most = sum(row["ScalingConfig"]["MaximumConcurrency"] for row in queues)
    # AWS keeps 100 executions unreserved.
    assert sum(reserved.values()) + most + 100 <= ACCOUNT_CONCURRENCY
    assert not any("ReservedConcurrentExecutions" in row for row in embedded.functions().values())


def test_a_budget_notifies_the_operators(aws: Templates) -> None:
    (budget,) = aws.resources("AWS::Budgets::Budget").values()
    assert budget["Budget"]["BudgetLimit"] == {"Amount": 100, "Unit": "USD"}
    told = [one["Subscribers"] for one in budget["NotificationsWithSubscribers"]]
    assert [kind["SubscriptionType"] for (kind,) in told] == ["SNS", "SNS"]
    assert "budgets.amazonaws.com" in text(list(aws.resources("AWS::SNS::TopicPolicy").values()))


def _plain(dimensions: list[Json]) -> list[Json]:
    return [dimension for dimension in dimensions if isinstance(dimension["Value"], str)]


def test_people_sign_in_without_secrets_and_belong_to_groups(aws: Templates) -> None:
    (client,) = aws.resources("AWS::Cognito::UserPoolClient").values()
    assert client["GenerateSecret"] is False
    assert set(client["ExplicitAuthFlows"]) == {"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}
    (pool,) = aws.resources("AWS::Cognito::UserPool").values()
    assert pool["UsernameAttributes"] == ["email"]
    groups = aws.resources("AWS::Cognito::UserPoolGroup").values()
    assert {row["GroupName"] for row in groups} == {"developers", "administrators", "moderators"}
    (attachment,) = aws.resources("AWS::Cognito::IdentityPoolRoleAttachment").values()
    assert attachment["RoleMappings"]["userPool"]["Type"] == "Token"
    roles = {row["RoleName"]: row for row in aws.resources("AWS::IAM::Role").values() if "RoleName" in row}
    assert "Policies" not in roles["asyncsns-end-user"]
    assert "Policies" not in roles["asyncsns-moderator"]


def test_outputs_are_stable_and_unique(embedded: Templates) -> None:
    assert set(embedded.outputs()) >= STABLE_OUTPUTS


def test_the_emulator_gets_no_type_that_it_refuses_and_aws_gets_them_all(embedded: Templates, aws: Templates) -> None:
    refused = set(REFUSED)
    assert not refused & {row["Type"] for _, row in embedded.all()}
    told = " ".join(name for name in embedded.outputs() if name.startswith("LeftOut"))
    assert told
    used = {row["Type"] for _, row in aws.all()}
    assert refused <= used, f"refused, but not used: {refused - used}"


def test_api_ids_are_pinned_locally(embedded: Templates, aws: Templates) -> None:
    pinned = {row["Tags"]["ms-custom-id"] for row in embedded.resources("AWS::ApiGatewayV2::Api").values()}
    assert pinned == {"a5c0de01", "a5c0de02"}
    assert "ms-custom-id" not in text(aws.resources("AWS::ApiGatewayV2::Api"))


def test_the_page_lists_every_stack_and_every_refused_type(embedded: Templates) -> None:
    page = (ROOT / "docs" / "infra.md").read_text("utf-8")
    for stack in embedded.stacks:
        assert re.search(rf"`{stack}`", page), f"docs/infra.md misses {stack}"
    for cfn_type in REFUSED:
        assert f"`{cfn_type}`" in page


def test_people_write_their_address_and_language_and_confirm_a_new_address(embedded: Templates) -> None:
    (pool,) = embedded.resources("AWS::Cognito::UserPool").values()
    assert pool["UserAttributeUpdateSettings"] == {"AttributesRequireVerificationBeforeUpdate": ["email"]}
    assert pool["UsernameConfiguration"] == {"CaseSensitive": False}
    assert "Mails" in text(pool["LambdaConfig"]["CustomMessage"])
    (client,) = embedded.resources("AWS::Cognito::UserPoolClient").values()
    assert sorted(client["WriteAttributes"]) == ["email", "locale"]
