"""Reads distributions, and all they refer to, from the emulator's CloudFront and WAF APIs."""

from __future__ import annotations

import json
import re

from emulation.aws.upstream import UnreachableError, Upstream
from emulation.edge.distribution import Behavior, Distribution, ErrorRule, Origin, RateRule
from emulation.edge.policies import CachePolicy, OriginRequestPolicy, PolicyCors, ResponseHeadersPolicy, Selection
from emulation.edge.xml_config import Xml

_BASE = "/2020-05-31/"
#: The other names are what LocalStack calls a bucket's ``RegionalDomainName``.
_S3_DOMAIN = re.compile(
    r"^(?P<bucket>[a-z0-9][a-z0-9.-]+[a-z0-9])\.s3[.-](?:[a-z0-9-]+\.)?(?:amazonaws\.com|localhost(?:\.localstack\.cloud)?)$"
)
_RATE_WINDOW_DEFAULT = 300.0


class _Reader:
    """One reading: every policy, function and key is fetched once."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._cache: dict[str, Xml] = {}
        self._code: dict[str, str] = {}

    async def xml(self, path: str) -> Xml:
        """A resource, or an empty element when there is none."""
        if path not in self._cache:
            answer = await self._upstream.get_root("cloudfront", _BASE + path)
            if answer.status >= 500:
                raise UnreachableError(f"GET {path}: expected 200, got {answer.status}")
            self._cache[path] = Xml.parse(answer.body) if answer.status == 200 else Xml(None)
        return self._cache[path]

    async def code(self, arn: str) -> str:
        name = arn.rsplit("/", 1)[-1]
        if name not in self._code:
            answer = await self._upstream.get_root("cloudfront", f"{_BASE}function/{name}?Stage=LIVE")
            self._code[name] = answer.body.decode() if answer.status == 200 else ""
        return self._code[name]

    async def web_acl(self, arn: str) -> tuple[tuple[RateRule, ...], tuple[str, ...]]:
        """Rate rules of a web ACL, and the names of its rules that are not enforced here."""
        found = re.search(r"/webacl/([^/]+)/([^/]+)$", arn)
        if found is None:
            return (), ()
        body = json.dumps({"Name": found[1], "Id": found[2], "Scope": "CLOUDFRONT"}).encode()
        headers = {"x-amz-target": "AWSWAF_20190729.GetWebACL", "content-type": "application/x-amz-json-1.1"}
        answer = await self._upstream.post_root("wafv2", headers, body)
        if answer.status != 200:
            return (), (f"web ACL {arn}",)
        return parse_web_acl(json.loads(answer.body).get("WebACL") or {})


def parse_web_acl(acl: dict[str, object]) -> tuple[tuple[RateRule, ...], tuple[str, ...]]:
    rules: list[RateRule] = []
    other: list[str] = []
    listed = acl.get("Rules")
    for rule in listed if isinstance(listed, list) else []:
        rate = rule.get("Statement", {}).get("RateBasedStatement")
        if rate and "ScopeDownStatement" not in rate and rate.get("AggregateKeyType", "IP") == "IP":
            window = float(rate.get("EvaluationWindowSec") or _RATE_WINDOW_DEFAULT)
            block = rule.get("Action", {}).get("Block")
            status = ((block or {}).get("CustomResponse") or {}).get("ResponseCode", 403)
            rules.append(RateRule(rule["Name"], int(rate["Limit"]), window, block is not None, int(status)))
        else:
            other.append(f"WAF rule {rule.get('Name', '')}")
    return tuple(rules), tuple(other)


def _selection(xml: Xml, behavior: str, names: str) -> Selection:
    kind = xml.text(behavior)
    if kind == "allViewer":
        kind = "all"
    kind = "all" if kind == "allViewerAndWhitelistCloudFront" else kind
    return Selection(kind or "none", frozenset(xml.names(names)))


def _header_selection(xml: Xml) -> Selection:
    found = _selection(xml, "HeaderBehavior", "Headers")
    return Selection(found.kind, frozenset(name.lower() for name in found.names))


def parse_cache_policy(xml: Xml) -> CachePolicy:
    """From ``CachePolicyConfig``."""
    keyed = xml.get("ParametersInCacheKeyAndForwardedToOrigin")
    return CachePolicy(
        minimum=xml.number("MinTTL", default=0),
        default=xml.number("DefaultTTL", default=86_400),
        maximum=xml.number("MaxTTL", default=31_536_000),
        gzip=keyed.true("EnableAcceptEncodingGzip"),
        brotli=keyed.true("EnableAcceptEncodingBrotli"),
        headers=_header_selection(keyed.get("HeadersConfig")),
        cookies=_selection(keyed.get("CookiesConfig"), "CookieBehavior", "Cookies"),
        query=_selection(keyed.get("QueryStringsConfig"), "QueryStringBehavior", "QueryStrings"),
    )


def parse_origin_request_policy(xml: Xml) -> OriginRequestPolicy:
    """From ``OriginRequestPolicyConfig``."""
    return OriginRequestPolicy(
        headers=_header_selection(xml.get("HeadersConfig")),
        cookies=_selection(xml.get("CookiesConfig"), "CookieBehavior", "Cookies"),
        query=_selection(xml.get("QueryStringsConfig"), "QueryStringBehavior", "QueryStrings"),
    )


def parse_legacy_values(xml: Xml) -> CachePolicy:
    """From a behaviour with ``ForwardedValues`` instead of a cache policy."""
    values = xml.get("ForwardedValues")
    cookies = values.text("Cookies", "Forward", default="none")
    named = frozenset(values.names("Cookies", "WhitelistedNames"))
    headers = frozenset(name.lower() for name in values.names("Headers"))
    return CachePolicy(
        minimum=xml.number("MinTTL", default=0),
        default=xml.number("DefaultTTL", default=86_400),
        maximum=xml.number("MaxTTL", default=31_536_000),
        gzip=True,
        headers=Selection("all") if "*" in headers else Selection("whitelist", headers),
        cookies=Selection(cookies if cookies != "whitelist" else "whitelist", named),
        query=Selection("all" if values.true("QueryString") else "none"),
    )


def parse_response_headers_policy(xml: Xml) -> ResponseHeadersPolicy:
    """From ``ResponseHeadersPolicyConfig``."""
    headers: list[tuple[bytes, bytes, bool]] = []

    def add(name: str, value: str, override: bool) -> None:
        headers.append((name.encode(), value.encode(), override))

    security = xml.get("SecurityHeadersConfig")
    if part := security.get("StrictTransportSecurity"):
        value = f"max-age={part.text('AccessControlMaxAgeSec')}"
        value += "; includeSubDomains" if part.true("IncludeSubdomains") else ""
        value += "; preload" if part.true("Preload") else ""
        add("strict-transport-security", value, part.true("Override"))
    if part := security.get("ContentTypeOptions"):
        add("x-content-type-options", "nosniff", part.true("Override"))
    if part := security.get("FrameOptions"):
        add("x-frame-options", part.text("FrameOption"), part.true("Override"))
    if part := security.get("ReferrerPolicy"):
        add("referrer-policy", part.text("ReferrerPolicy"), part.true("Override"))
    if part := security.get("ContentSecurityPolicy"):
        add("content-security-policy", part.text("ContentSecurityPolicy"), part.true("Override"))
    if part := security.get("XSSProtection"):
        value = "1" if part.true("Protection") else "0"
        value += "; mode=block" if part.true("ModeBlock") else ""
        add("x-xss-protection", value, part.true("Override"))
    for item in xml.items("CustomHeadersConfig"):
        add(item.text("Header").lower(), item.text("Value"), item.true("Override"))
    removed = tuple(item.text("Header").lower().encode() for item in xml.items("RemoveHeadersConfig"))
    return ResponseHeadersPolicy(tuple(headers), removed, _parse_policy_cors(xml.get("CorsConfig")))


def _parse_policy_cors(xml: Xml) -> PolicyCors | None:
    if not xml:
        return None
    return PolicyCors(
        origins=tuple(xml.names("AccessControlAllowOrigins")),
        methods=",".join(xml.names("AccessControlAllowMethods")).encode(),
        headers=",".join(xml.names("AccessControlAllowHeaders")).encode(),
        expose=",".join(xml.names("AccessControlExposeHeaders")).encode(),
        max_age=xml.text("AccessControlMaxAgeSec").encode(),
        credentials=xml.true("AccessControlAllowCredentials"),
        override=xml.true("OriginOverride"),
    )


def bucket_of(domain: str) -> str | None:
    """The bucket whose domain name this is; None for other servers."""
    found = _S3_DOMAIN.match(domain)
    return found["bucket"] if found else None


async def _origin(reader: _Reader, xml: Xml) -> Origin:
    domain = xml.text("DomainName")
    custom = xml.get("CustomOriginConfig")
    signing = ""
    if oac := xml.text("OriginAccessControlId"):
        config = (await reader.xml(f"origin-access-control/{oac}")).get("OriginAccessControlConfig")
        signing = config.text("SigningBehavior", default="always")
    return Origin(
        origin_id=xml.text("Id"),
        domain=domain,
        path=xml.text("OriginPath").rstrip("/"),
        bucket=None if custom else bucket_of(domain),
        signing=signing,
        headers=tuple(
            (item.text("HeaderName").lower().encode(), item.text("HeaderValue").encode())
            for item in xml.items("CustomHeaders")
        ),
        http_port=int(custom.number("HTTPPort", default=80)),
        https_port=int(custom.number("HTTPSPort", default=443)),
        protocol=custom.text("OriginProtocolPolicy", default="https-only"),
        read_seconds=custom.number("OriginReadTimeout", default=30),
    )


async def _keys(reader: _Reader, xml: Xml) -> dict[str, bytes] | None:
    groups = xml.get("TrustedKeyGroups")
    if not groups.true("Enabled"):
        # Trusted signers are AWS accounts, whose keys are not to be had here: no signature is theirs.
        return {} if xml.get("TrustedSigners").true("Enabled") else None
    keys: dict[str, bytes] = {}
    for group in groups.names():
        config = (await reader.xml(f"key-group/{group}")).get("KeyGroupConfig")
        for key_id in config.names():
            key = (await reader.xml(f"public-key/{key_id}")).get("PublicKeyConfig")
            keys[key_id] = key.text("EncodedKey").encode()
    return keys


async def _behavior(reader: _Reader, xml: Xml, origins: dict[str, Origin]) -> Behavior:
    cache = parse_legacy_values(xml)
    forward = OriginRequestPolicy()
    response = None
    if policy := xml.text("CachePolicyId"):
        cache = parse_cache_policy((await reader.xml(f"cache-policy/{policy}")).get("CachePolicyConfig"))
    if policy := xml.text("OriginRequestPolicyId"):
        found = (await reader.xml(f"origin-request-policy/{policy}")).get("OriginRequestPolicyConfig")
        forward = parse_origin_request_policy(found)
    if policy := xml.text("ResponseHeadersPolicyId"):
        found = (await reader.xml(f"response-headers-policy/{policy}")).get("ResponseHeadersPolicyConfig")
        response = parse_response_headers_policy(found)
    functions = {
        item.text("EventType"): await reader.code(item.text("FunctionARN"))
        for item in xml.items("FunctionAssociations")
    }
    allowed = frozenset(xml.names("AllowedMethods")) or frozenset(("GET", "HEAD"))
    cached = frozenset(xml.names("AllowedMethods", "CachedMethods")) or frozenset(("GET", "HEAD"))
    return Behavior(
        pattern=xml.text("PathPattern"),
        origin=origins[xml.text("TargetOriginId")],
        allowed_methods=allowed,
        cached_methods=cached,
        viewer_protocol=xml.text("ViewerProtocolPolicy", default="allow-all"),
        compress=xml.true("Compress"),
        cache=cache,
        forward=forward,
        response=response,
        functions=functions,
        keys=await _keys(reader, xml),
    )


def _error_rules(xml: Xml) -> dict[int, ErrorRule]:
    return {
        int(item.text("ErrorCode")): ErrorRule(
            page=item.text("ResponsePagePath"),
            status=int(item.text("ResponseCode") or item.text("ErrorCode")),
            caching_seconds=item.number("ErrorCachingMinTTL", default=10),
        )
        for item in xml.items("CustomErrorResponses")
    }


async def _distribution(reader: _Reader, distribution_id: str, known: Distribution | None) -> Distribution:
    xml = await reader.xml(f"distribution/{distribution_id}")
    config = xml.get("DistributionConfig")
    origins = {item.text("Id"): await _origin(reader, item) for item in config.items("Origins")}
    rules, not_enforced = await reader.web_acl(config.text("WebACLId"))
    invalidations = dict(known.invalidations) if known else {}
    for item in (await reader.xml(f"distribution/{distribution_id}/invalidation")).find_all("InvalidationSummary"):
        identity = item.text("Id")
        if identity not in invalidations:
            detail = await reader.xml(f"distribution/{distribution_id}/invalidation/{identity}")
            invalidations[identity] = tuple(detail.names("InvalidationBatch", "Paths"))
    return Distribution(
        distribution_id=distribution_id,
        arn=xml.text("ARN"),
        domain=xml.text("DomainName"),
        enabled=config.true("Enabled"),
        behaviors=tuple([await _behavior(reader, item, origins) for item in config.items("CacheBehaviors")]),
        default=await _behavior(reader, config.get("DefaultCacheBehavior"), origins),
        default_root=config.text("DefaultRootObject"),
        errors=_error_rules(config),
        aliases=tuple(config.names("Aliases")),
        rate_rules=rules,
        not_enforced=not_enforced,
        invalidations=invalidations,
    )


async def read_distributions(upstream: Upstream, known: dict[str, Distribution]) -> dict[str, Distribution]:
    """Every distribution of the account by id; ``known`` saves reading old invalidations again.

    Raises:
        UnreachableError: the emulator is down or fails.
    """
    reader = _Reader(upstream)
    listing = await reader.xml("distribution")
    found: dict[str, Distribution] = {}
    for summary in listing.find_all("DistributionSummary"):
        identity = summary.text("Id")
        found[identity] = await _distribution(reader, identity, known.get(identity))
    return found
