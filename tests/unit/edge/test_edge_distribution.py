"""Path patterns, bucket policies, rate rules, and CloudFront's XML."""

from __future__ import annotations

from typing import Any

import pytest

from emulation.aws.messages import Request
from emulation.edge.bucket_policy import allows
from emulation.edge.distribution import Behavior, Distribution, Origin, RateRule, normalized, pattern_regex
from emulation.edge.distributions import bucket_of, parse_cache_policy, parse_response_headers_policy, parse_web_acl
from emulation.edge.functions import apply_request, build_event, generated_response
from emulation.edge.origin import origin_request
from emulation.edge.policies import CachePolicy, OriginRequestPolicy, Selection
from emulation.edge.waf import RateLimiter
from emulation.edge.xml_config import Xml

ARN = "arn:aws:cloudfront::000000000000:distribution/E1"


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("/v1/*", "/v1/posts/7", True),
        ("/v1/*", "/v1", False),
        ("v1/*", "/v1/a", True),
        ("*.jpg", "/a/b.jpg", True),
        ("*.jpg", "/a/b.JPG", False),
        ("/img?.png", "/img1.png", True),
        ("/img?.png", "/img.png", False),
        ("/a.b", "/aXb", False),
    ],
)
def test_path_patterns_match_whole_paths_with_their_case(pattern: str, path: str, matches: bool) -> None:
    assert (pattern_regex(pattern).match(path) is not None) is matches


@pytest.mark.parametrize(
    ("domain", "bucket"),
    [
        ("asyncsns-ui.s3.us-east-1.amazonaws.com", "asyncsns-ui"),
        ("a.b.s3.amazonaws.com", "a.b"),
        ("asyncsns-ui.s3.localhost", "asyncsns-ui"),
        ("asyncsns-ui.s3.localhost.localstack.cloud", "asyncsns-ui"),
        ("s3.localhost", None),
        ("asyncsns-ui.s3.localhost.example.com", None),
        ("api.example.com", None),
    ],
)
def test_a_domain_of_a_bucket_is_known_by_aws_and_by_localstacks_name(domain: str, bucket: str | None) -> None:
    assert bucket_of(domain) == bucket


def statement(**changes: Any) -> dict[str, Any]:
    base = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::media/*",
        "Condition": {"StringEquals": {"AWS:SourceArn": ARN}},
    }
    return base | changes


def read(*statements: dict[str, Any], arn: str = ARN) -> bool:
    return allows({"Statement": list(statements)}, "s3:GetObject", "arn:aws:s3:::media/a.jpg", arn)


def test_a_bucket_admits_its_own_distribution_only() -> None:
    assert read(statement())
    assert not read(statement(), arn=ARN + "X")
    assert not read(statement(), arn="")
    assert not allows(None, "s3:GetObject", "arn:aws:s3:::media/a.jpg", ARN)


def test_a_deny_wins_and_transport_is_secure_between_cloudfront_and_s3() -> None:
    insecure = statement(
        Effect="Deny", Principal={"AWS": "*"}, Action="s3:*", Condition={"Bool": {"aws:SecureTransport": "false"}}
    )
    assert read(insecure, statement())
    assert not read(statement(Effect="Deny", Condition=None), statement())
    assert not read(statement(Effect="Deny", Condition={"NumericLessThan": {"aws:x": "1"}}), statement())


@pytest.mark.parametrize(
    "changes",
    [
        {"Principal": {"AWS": "arn:aws:iam::1:root"}},
        {"Principal": {"Service": "lambda.amazonaws.com"}},
        {"Action": "s3:PutObject"},
        {"Resource": "arn:aws:s3:::other/*"},
        {"Condition": {"IpAddress": {"aws:SourceIp": "1.2.3.4/32"}}},
    ],
)
def test_other_statements_do_not_admit(changes: dict[str, Any]) -> None:
    assert not read(statement(**changes))


def test_rate_rules_count_addresses_but_not_the_machines_own() -> None:
    limiter = RateLimiter(clock=lambda: 100.0)
    rules = [RateRule("r", limit=2, window=60)]
    assert [bool(limiter.blocks(rules, "127.0.0.2")) for _ in range(3)] == [False, False, True]
    assert not limiter.blocks(rules, "127.0.0.3")
    assert not any(limiter.blocks(rules, "127.0.0.1") for _ in range(9))


def test_a_rate_window_passes() -> None:
    now = [0.0]
    limiter = RateLimiter(clock=lambda: now[0])
    rules = [RateRule("r", limit=1, window=60)]
    assert [bool(limiter.blocks(rules, "127.0.0.2")) for _ in range(2)] == [False, True]
    now[0] = 61
    assert not limiter.blocks(rules, "127.0.0.2")


def test_rules_other_than_rate_are_named_as_not_enforced() -> None:
    acl = {
        "Rules": [
            {
                "Name": "rate",
                "Action": {"Block": {"CustomResponse": {"ResponseCode": 429}}},
                "Statement": {"RateBasedStatement": {"Limit": 500}},
            },
            {"Name": "common", "Statement": {"ManagedRuleGroupStatement": {"Name": "AWSManagedRulesCommonRuleSet"}}},
        ]
    }
    assert parse_web_acl(acl) == ((RateRule("rate", 500, 300.0, True, 429),), ("WAF rule common",))


def test_a_cache_policy_is_read_from_xml() -> None:
    xml = Xml.parse(
        b"<CachePolicyConfig xmlns='http://cloudfront.amazonaws.com/doc/2020-05-31/'><MinTTL>1</MinTTL>"
        b"<MaxTTL>9</MaxTTL><ParametersInCacheKeyAndForwardedToOrigin>"
        b"<EnableAcceptEncodingGzip>true</EnableAcceptEncodingGzip><HeadersConfig>"
        b"<HeaderBehavior>whitelist</HeaderBehavior><Headers><Items><Name>Origin</Name></Items></Headers>"
        b"</HeadersConfig></ParametersInCacheKeyAndForwardedToOrigin></CachePolicyConfig>"
    )
    policy = parse_cache_policy(xml)
    assert (policy.minimum, policy.default, policy.maximum, policy.gzip) == (1, 86_400, 9, True)
    assert policy.headers.takes("origin")
    assert not policy.cookies.takes("a")


def test_a_response_headers_policy_is_read_from_xml() -> None:
    xml = Xml.parse(
        b"<C><SecurityHeadersConfig><StrictTransportSecurity><Override>true</Override>"
        b"<IncludeSubdomains>true</IncludeSubdomains><AccessControlMaxAgeSec>60</AccessControlMaxAgeSec>"
        b"</StrictTransportSecurity></SecurityHeadersConfig></C>"
    )
    header = (b"strict-transport-security", b"max-age=60; includeSubDomains", True)
    assert parse_response_headers_policy(xml).headers == (header,)


def viewer_request() -> Request:
    headers = [(b"host", b"localhost"), (b"cookie", b"a=1; b=2"), (b"authorization", b"Bearer t"), (b"accept", b"*/*")]
    return Request("GET", "/v1/a", "x=1&y=2", headers, "127.0.0.1", "http", 80)


def test_only_values_chosen_by_the_policies_reach_the_origin() -> None:
    bare = Behavior("", Origin("o", "api.example"), cache=CachePolicy())
    sent = origin_request(bare, viewer_request())
    assert (sent.query, sent.header(b"cookie"), sent.header(b"authorization")) == ("", None, None)
    assert sent.header(b"user-agent") == b"Amazon CloudFront"
    assert sent.header(b"host") == b"api.example"
    everything = OriginRequestPolicy(
        Selection("allExcept", frozenset(("host",))), Selection("all"), Selection("whitelist", frozenset(("y",)))
    )
    sent = origin_request(Behavior("", bare.origin, forward=everything), viewer_request())
    assert (sent.query, sent.header(b"cookie"), sent.header(b"authorization")) == ("y=2", b"a=1; b=2", b"Bearer t")
    assert sent.header(b"host") == b"api.example"


def test_a_function_sees_and_changes_the_request() -> None:
    request = viewer_request()
    event = build_event("viewer-request", ("d.cloudfront.net", "E1", "id"), request)
    assert event["request"]["querystring"]["x"] == {"value": "1"}
    assert event["request"]["cookies"]["b"] == {"value": "2"}
    assert "cookie" not in event["request"]["headers"]
    event["request"]["uri"] = "/index 日.html"
    event["request"]["headers"]["x-new"] = {"value": "1"}
    apply_request(event["request"], request)
    assert request.target == "/index%20%E6%97%A5.html"
    assert request.header(b"x-new") == b"1"
    assert request.header(b"cookie") == b"a=1; b=2"
    assert request.query == "x=1&y=2"


def test_a_function_may_generate_the_response() -> None:
    response = generated_response(
        {"statusCode": 302, "headers": {"location": {"value": "/x"}}, "cookies": {"s": {"value": "1"}}, "body": "b"}
    )
    assert (response.status, response.body) == (302, b"b")
    assert response.header(b"set-cookie") == b"s=1"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "/"),
        ("/a/b.jpg", "/a/b.jpg"),
        ("/media/%70rivate/x", "/media/private/x"),
        ("/%6D%65dia/%7e%2D%5f%2e%39", "/media/~-_.9"),
        ("/media/private%2fx", "/media/private%2fx"),
        ("/media/%2570rivate", "/media/%2570rivate"),
        ("/a/../b", "/b"),
        ("/a/%2e%2E/b", "/b"),
        ("/../../a", "/a"),
        ("/a/./b/.", "/a/b/"),
        ("/a/b/..", "/a/"),
        ("/a/..", "/"),
        ("//a///b/", "/a/b/"),
        ("/a/..b/.c", "/a/..b/.c"),
        ("/media\\private", "/media\\private"),
        ("/a%", "/a%"),
    ],
)
def test_a_path_is_normalized_to_choose_the_behaviour(path: str, expected: str) -> None:
    """Path normalization in "Cache behavior settings"; RFC 3986, 6.2.2 and 5.2.4."""
    assert normalized(path) == expected
    assert normalized(expected) == expected


def test_the_behaviour_is_that_of_the_normalized_path() -> None:
    default, signed, open_ = (Behavior(one, Origin("o", "h")) for one in ("", "/media/*", "/media/public/*"))
    distribution = Distribution("D", ARN, "d.cloudfront.net", True, (open_, signed), default)
    for path in ("/media/private%2fx", "/%6dedia/private/x", "/media/public/../private/x", "//media/private/x"):
        assert distribution.behavior(path) is signed, path
    assert distribution.behavior("/media/private/../public/x") is open_
    assert distribution.behavior("/media%2fprivate/x") is default
