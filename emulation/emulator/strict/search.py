"""Verifies signatures for servers in other processes: ``POST /_asyncsns/signature``, for the search server in strict
mode and for the traces that browsers read.

Amazon OpenSearch Service takes requests that are signed for its service (``es``) and region by somebody who may make
them. Only the emulator has the secrets of roles, so the search server asks it. A principal's own policies are
evaluated; a domain's access policy is not.

Sources: Amazon OpenSearch Service Developer Guide, "Signing HTTP requests to Amazon OpenSearch Service" and "Identity
and Access Management in Amazon OpenSearch Service".
"""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Mapping
from typing import Any

from emulation.emulator import seams
from emulation.emulator.signatures import Authorization, parse_authorization, seconds_of
from emulation.settings import ACCOUNT
from emulation.signature import canonical_path, canonical_query, signature

SERVICE = "es"
SKEW_SECONDS = 300
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)
_TOKEN = "The security token included in the request is invalid."  # noqa: S105


def refusal(asked: Mapping[str, Any], region: str) -> str | None:
    """Why a request is refused (403), or None.

    Args:
        asked: ``method``, ``path`` and ``query`` as sent, ``headers`` by small names, ``payload``: SHA-256 of the body;
            ``action`` where it is not one of the search engine's. Those have no resources.
    """
    headers: Mapping[str, str] = asked["headers"]
    action = str(asked.get("action") or f"es:ESHttp{str(asked['method']).capitalize()}")
    service = action.partition(":")[0]
    if "authorization" not in headers:
        return _not_allowed("anonymous", action, "resource-based")
    found = _problem(asked, headers, service, region)
    if isinstance(found, str):
        return found
    resources = _engine(region, str(asked["path"])) if service == SERVICE else ["*"]
    return _denied(found.access_key_id, action, service, region, resources)


def _problem(asked: Mapping[str, Any], headers: Mapping[str, str], service: str, region: str) -> str | Authorization:
    given = headers["authorization"]
    authorization, sent = parse_authorization(given[:-64]), given[-64:]
    if authorization is None or _SHA256.fullmatch(sent) is None:
        return "Authorization header requires 'Credential', 'Signature' and 'SignedHeaders' parameters."
    scope, date = authorization.scope, headers.get("x-amz-date", "")
    if scope.service != service:
        return f"Credential should be scoped to correct service: '{service}'. "
    if scope.region != region:
        return f"Credential should be scoped to a valid region, not '{scope.region}'. "
    if abs(time.time() - seconds_of(date)) > SKEW_SECONDS or date[:8] != scope.date:
        return f"Signature expired: {date}"
    token = headers.get("x-amz-security-token", "")
    evaluator = seams.module("core.iam_evaluator")
    credential = evaluator.resolve_credential(authorization.access_key_id, ACCOUNT, token)
    if isinstance(credential, evaluator.CredentialResolutionError):
        return _TOKEN
    names = [name.decode() for name in authorization.signed]
    if "host" not in names or any(name not in headers for name in names):
        return _MISMATCH
    lines = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in names)
    path, query = canonical_path(str(asked["path"]), service), canonical_query(str(asked["query"]))
    canonical = (str(asked["method"]), path, query, lines, authorization.signed_headers, str(asked["payload"]))
    expected = signature(credential.secret_access_key, scope, date, "\n".join(canonical))
    return authorization if hmac.compare_digest(expected, sent) else _MISMATCH


def _engine(region: str, path: str) -> list[str]:
    """The engine is that of each domain: a right to one of them is enough."""
    domains = sorted(seams.module("services.opensearch")._domains) or ["*"]
    return [f"arn:aws:es:{region}:{ACCOUNT}:domain/{domain}{path}" for domain in domains]


def _denied(access_key_id: str, action: str, service: str, region: str, resources: list[str]) -> str | None:
    evaluator = seams.module("core.iam_evaluator")
    denied: Any = None
    for arn in resources:
        denied = evaluator.enforce(access_key_id, action, service, region, resource_arn=arn)
        if denied is None:
            return None
    if isinstance(denied, evaluator.AuthError):
        return str(denied.message)
    return _not_allowed(denied.principal_arn, action, "identity-based")


def _not_allowed(who: str, action: str, policy: str) -> str:
    return f"User: {who} is not authorized to perform: {action} because no {policy} policy allows the {action} action"
