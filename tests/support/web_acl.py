"""An evaluator for a template's web ACL. Rate rules never match. AWS's rule groups match as their documentation says.

AWS does not publish the patterns of its groups; the patterns here are guesses that match more. The tests do not depend
on them: with the overrides, a rule about bodies or query strings refuses nothing, whatever it matches. "AWS Managed
Rules rule groups", Baseline rule groups.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

Json = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """``body`` and ``query`` are text; ``headers`` in lower case."""

    method: str
    path: str
    query: str = ""
    body: str = ""
    headers: dict[str, str] = field(default_factory=lambda: {"user-agent": "Mozilla/5.0", "host": "example.com"})

    def component(self, name: str) -> str:
        cookie = self.headers.get("cookie", "")
        header = "\n".join(value for key, value in self.headers.items() if key != "cookie")
        query = unquote_plus(self.query)
        return {
            "BODY": self.body, "QUERYARGUMENTS": query, "QUERYSTRING": query, "URIPATH": unquote_plus(self.path),
            "COOKIE": cookie, "HEADER": header,
        }[name]  # fmt: skip


_PATTERNS = {
    "EC2MetaDataSSRF": r"169\.254\.169\.254|169\.254\.170\.2|metadata",
    "GenericLFI": r"\.\.[/\\]|/etc/|/proc/|/var/|file:|[a-z]:\\",
    "GenericRFI": r"[a-z]+://",
    "RestrictedExtensions": r"\.(?:log|ini|conf|cfg|bak|backup|sql|old|key|pem|env|htaccess|sh|bash_history)\b",
    "CrossSiteScripting": r"<\s*/?[a-z!]|javascript:|\bon[a-z]+\s*=|alert\(|document\.",
    "Log4JRCE": r"\$\{|jndi:",
    "JavaDeserializationRCE": r"java\.|Runtime\b|ProcessBuilder|rO0AB|\bclass\.",
    "ReactJSRCE": r"__proto__|constructor|child_process|\$@|_response",
}
_SIZES = {"QUERYSTRING": 2_048, "BODY": 8_192, "URIPATH": 1_024}
_CORE = {
    "EC2MetaDataSSRF": ("BODY", "COOKIE", "URIPATH", "QUERYARGUMENTS"),
    "GenericLFI": ("QUERYARGUMENTS", "URIPATH", "BODY"),
    "RestrictedExtensions": ("URIPATH", "QUERYARGUMENTS"),
    "GenericRFI": ("QUERYARGUMENTS", "BODY", "URIPATH"),
    "CrossSiteScripting": ("COOKIE", "QUERYARGUMENTS", "BODY", "URIPATH"),
}
_KNOWN_BAD = {
    "JavaDeserializationRCE": ("HEADER", "BODY", "URIPATH", "QUERYSTRING"),
    "Log4JRCE": ("HEADER", "QUERYSTRING", "BODY", "URIPATH"),
    "ReactJSRCE": ("BODY",),
}
#: The endings of rule names → the endings of their labels.
_IN_LABELS = {
    "BODY": "Body", "QUERYARGUMENTS": "QueryArguments", "QUERYSTRING": "QueryString", "URIPATH": "URIPath",
    "COOKIE": "Cookie", "HEADER": "Header",
}  # fmt: skip


def _core(request: Request) -> list[tuple[str, str]]:
    """(rule, label) of each match, in the order of the group."""
    agent = request.headers.get("user-agent", "")
    found = [] if agent else [("NoUserAgent_HEADER", "NoUserAgent_Header")]
    if re.search("nessus|nmap", agent):
        found.append(("UserAgent_BadBots_HEADER", "BadBots_Header"))
    for name, limit in _SIZES.items():
        size = len((request.query if name == "QUERYSTRING" else request.component(name)).encode())
        if size > limit:
            found.append((f"SizeRestrictions_{name}", f"SizeRestrictions_{_IN_LABELS[name]}"))
    if len(request.component("COOKIE")) > 10_240:
        found.append(("SizeRestrictions_Cookie_HEADER", "SizeRestrictions_Cookie_Header"))
    return found + _matching(request, _CORE)


def _known_bad(request: Request) -> list[tuple[str, str]]:
    found = _matching(request, _KNOWN_BAD)
    if request.headers.get("host", "").startswith("localhost"):
        found.append(("Host_localhost_HEADER", "Host_Localhost_Header"))
    if request.method == "PROPFIND":
        found.append(("PROPFIND_METHOD", "Propfind_Method"))
    if re.search(r"web-inf|\.git/|wp-config", request.path, re.IGNORECASE):
        found.append(("ExploitablePaths_URIPATH", "ExploitablePaths_URIPath"))
    return found


def _matching(request: Request, rules: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [
        (f"{rule}_{component}", f"{rule}_{_IN_LABELS[component]}")
        for rule, components in rules.items()
        for component in components
        if re.search(_PATTERNS[rule], request.component(component), re.IGNORECASE)
    ]


_GROUPS = {
    "AWSManagedRulesCommonRuleSet": ("core-rule-set", _core),
    "AWSManagedRulesKnownBadInputsRuleSet": ("known-bad-inputs", _known_bad),
}


def refusing_rules(request: Request) -> list[str]:
    """The group rules that would refuse the request without the web ACL's overrides."""
    return [rule for _, match in _GROUPS.values() for rule, _ in match(request)]


def blocked_by(acl: Json, request: Request) -> str:
    """The name of the rule that refuses the request; empty when none does."""
    labels: set[str] = set()
    for rule in sorted(acl["Rules"], key=lambda one: int(one["Priority"])):
        statement = rule["Statement"]
        if "ManagedRuleGroupStatement" in statement:
            blocks = _blocks(statement["ManagedRuleGroupStatement"], request, labels)
            if blocks and "Count" not in rule["OverrideAction"]:
                return str(rule["Name"])
        elif "RateBasedStatement" not in statement and "Block" in rule["Action"] and _holds(statement, labels):
            return str(rule["Name"])
    return ""


def _blocks(group: Json, request: Request, labels: set[str]) -> bool:
    """Adds the labels. A rule without override ends the evaluation of its group."""
    namespace, match = _GROUPS[group["Name"]]
    counted = {one["Name"] for one in group.get("RuleActionOverrides") or () if "Count" in one["ActionToUse"]}
    for rule, label in match(request):
        labels.add(f"awswaf:managed:aws:{namespace}:{label}")
        if rule not in counted:
            return True
    return False


def _holds(statement: Json, labels: set[str]) -> bool:
    if "OrStatement" in statement:
        return any(_holds(one, labels) for one in statement["OrStatement"]["Statements"])
    return statement["LabelMatchStatement"]["Scope"] == "LABEL" and statement["LabelMatchStatement"]["Key"] in labels
