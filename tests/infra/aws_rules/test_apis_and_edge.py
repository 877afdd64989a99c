"""Rules of API Gateway, CloudFront, WAF and Cognito."""

from __future__ import annotations

from typing import Any

from tests.infra.templates import Templates, as_list, text

Json = dict[str, Any]
#: Capacity units of AWS's rule groups, and of one condition of ours.
#: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
CAPACITY = {"AWSManagedRulesCommonRuleSet": 700, "AWSManagedRulesKnownBadInputsRuleSet": 200}
RATE_CAPACITY, LABEL_CAPACITY = 2, 1


def test_an_api_has_few_enough_routes_and_integrations(plain: Templates) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"""
    for kind, quota in (("Route", 300), ("Integration", 300), ("Authorizer", 10), ("Stage", 10)):
        rows = [row["ApiId"] for row in plain.resources(f"AWS::ApiGatewayV2::{kind}").values()]
        assert rows
        assert max(rows.count(api) for api in rows) <= quota, kind


def test_an_integration_answers_in_time(plain: Templates) -> None:
    """30 seconds over HTTP, 29 over sockets; CloudFront waits 30 for an origin.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html
    """
    for row in plain.resources("AWS::ApiGatewayV2::Integration").values():
        assert row.get("TimeoutInMillis", 29_000) <= 29_000


def test_throttled_routes_exist_before_their_stage(aws: Templates) -> None:
    """ "Unable to find Route by key": a stage's route settings name routes.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
    """
    for stack, template in aws.stacks.items():
        rows = template["Resources"]
        routes = {row["Properties"]["RouteKey"]: key for key, row in rows.items() if row["Type"].endswith("V2::Route")}
        for key, row in rows.items():
            if row["Type"] == "AWS::ApiGatewayV2::Stage":
                for route in row["Properties"].get("RouteSettings", {}):
                    assert routes[route] in as_list(row["DependsOn"]), f"{stack}/{key}"


def test_access_logs_carry_the_request_id(plain: Templates) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html: the format "must include at
    least $context.requestId or $context.extendedRequestId"."""
    for key, row in plain.resources("AWS::ApiGatewayV2::Stage").items():
        assert "$context.requestId" in row["AccessLogSettings"]["Format"], key


def test_sockets_are_authorized_at_connect_only(plain: Templates) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html"""
    custom = [row["RouteKey"] for row in plain.resources("AWS::ApiGatewayV2::Route").values()
              if row.get("AuthorizationType") == "CUSTOM"]  # fmt: skip
    assert custom == ["$connect"]


def test_cors_with_credentials_names_its_origins(plain: Templates) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html"""
    for row in plain.resources("AWS::ApiGatewayV2::Api").values():
        cors = row.get("CorsConfiguration", {})
        assert not (cors.get("AllowCredentials") and "*" in cors.get("AllowOrigins", ()))


def test_a_disabled_cache_has_no_headers_in_its_key(plain: Templates) -> None:
    """ "HeaderBehavior is invalid for policy with caching disabled."

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/controlling-the-cache-key.html
    """
    for key, row in plain.resources("AWS::CloudFront::CachePolicy").items():
        config = row["CachePolicyConfig"]
        if config["MaxTTL"] == 0:
            keyed = config["ParametersInCacheKeyAndForwardedToOrigin"]
            assert keyed["HeadersConfig"]["HeaderBehavior"] == "none", key


def test_the_api_never_gets_the_distribution_s_host(plain: Templates) -> None:
    """API Gateway answers 403 for a Host that is not its own.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
    """
    all_but_host = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    config = _distribution(plain)
    apis = {row["Id"] for row in config["Origins"] if "execute-api" in row["DomainName"]}
    behaviors = [row for row in config["CacheBehaviors"] if row["TargetOriginId"] in apis]
    assert behaviors
    assert {row["OriginRequestPolicyId"] for row in behaviors} == {all_but_host}


def test_a_distribution_stays_within_the_quotas(plain: Templates) -> None:
    """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html"""
    config = _distribution(plain)
    assert len(config["CacheBehaviors"]) <= 25
    assert len(config["Origins"]) <= 25
    for origin in config["Origins"]:
        assert len(origin.get("OriginCustomHeaders", ())) <= 10
    for key, row in plain.resources("AWS::CloudFront::Function").items():
        assert len(row["FunctionCode"].encode()) <= 10_240, f"{key}: 10 KB"
    for key, row in plain.resources("AWS::CloudFront::ResponseHeadersPolicy").items():
        config = row["ResponseHeadersPolicyConfig"]
        assert len(config.get("CustomHeadersConfig", {}).get("Items", ())) <= 10, key


def test_cloudfront_may_write_its_log_files(plain: Templates) -> None:
    """Standard logging writes by ACL, which a bucket with enforced ownership refuses.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
    """
    name = _distribution(plain)["Logging"]["Bucket"]
    (bucket,) = [
        row for key, row in plain.resources("AWS::S3::Bucket").items()
        if row["BucketName"] in name or key.partition("/")[2] in name
    ]  # fmt: skip
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerPreferred"}]


def test_the_distribution_speaks_http_3_and_only_https(plain: Templates) -> None:
    """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesGeneral.html"""
    config = _distribution(plain)
    assert config["HttpVersion"] == "http2and3"
    for row in (config["DefaultCacheBehavior"], *config["CacheBehaviors"]):
        assert row["ViewerProtocolPolicy"] == "redirect-to-https"


def test_a_web_acl_stays_within_the_included_capacity(plain: Templates) -> None:
    """1,500 units are included: https://docs.aws.amazon.com/waf/latest/developerguide/aws-waf-capacity-units.html"""
    (acl,) = plain.resources("AWS::WAFv2::WebACL").values()
    used = 0
    for rule in acl["Rules"]:
        statement = rule["Statement"]
        if "ManagedRuleGroupStatement" in statement:
            used += CAPACITY[statement["ManagedRuleGroupStatement"]["Name"]]
        elif "RateBasedStatement" in statement:
            used += RATE_CAPACITY
            assert statement["RateBasedStatement"]["Limit"] >= 10
        else:
            used += LABEL_CAPACITY * len(statement["OrStatement"]["Statements"])
    assert used <= 1_500
    assert len({rule["Priority"] for rule in acl["Rules"]}) == len(acl["Rules"])


def test_a_user_pool_uses_alias_or_username_attributes(plain: Templates) -> None:
    """https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html"""
    for row in plain.resources("AWS::Cognito::UserPool").values():
        assert not ("AliasAttributes" in row and "UsernameAttributes" in row)
        assert 6 <= row["Policies"]["PasswordPolicy"]["MinimumLength"] <= 99


def test_a_bucket_that_calls_a_function_waits_for_its_permission(aws: Templates) -> None:
    """ "Unable to validate the following destination configurations": S3 tests the function at configuration time.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-notificationconfiguration.html
    """
    for stack, template in aws.stacks.items():
        for key, row in template["Resources"].items():
            if row["Type"] == "AWS::S3::Bucket" and "NotificationConfiguration" in row["Properties"]:
                needs = [template["Resources"][one]["Type"] for one in as_list(row.get("DependsOn", []))]
                assert "AWS::Lambda::Permission" in needs, f"{stack}/{key}"
                assert "Fn::GetAtt" in text(row["Properties"]["NotificationConfiguration"])


def _distribution(plain: Templates) -> Json:
    (row,) = plain.resources("AWS::CloudFront::Distribution").values()
    config: Json = row["DistributionConfig"]
    return config
