"""The distribution's web ACL: a rate limit per address, and rules on malicious requests.

People write about code, attacks and addresses, and search for them, so a body or a query string is never a reason to
refuse. AWS's rule groups only label requests; a rule of ours then blocks those with a label for the other parts:
method, headers, cookies and path. So a rule that AWS adds to a group cannot refuse posts either.

https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-label-match-examples.html
"""

from __future__ import annotations

from typing import Final

from aws_cdk import aws_wafv2 as waf

from infra.constants import RATE_PER_FIVE_MINUTES, physical
from infra.constructs.stack import AppStack

#: group → its rules about bodies and query strings. They count one by one: a rule that blocks would end the group's
#: evaluation, so that what a request has in its headers got no label. Names that a group does not know are ignored.
GROUPS: Final = {
    "AWSManagedRulesCommonRuleSet": (
        "SizeRestrictions_QUERYSTRING",
        "SizeRestrictions_BODY",
        "EC2MetaDataSSRF_BODY",
        "EC2MetaDataSSRF_QUERYARGUMENTS",
        "GenericLFI_QUERYARGUMENTS",
        "GenericLFI_BODY",
        "RestrictedExtensions_QUERYARGUMENTS",
        "GenericRFI_QUERYARGUMENTS",
        "GenericRFI_BODY",
        "CrossSiteScripting_QUERYARGUMENTS",
        "CrossSiteScripting_BODY",
    ),
    "AWSManagedRulesKnownBadInputsRuleSet": (
        "JavaDeserializationRCE_BODY",
        "JavaDeserializationRCE_QUERYSTRING",
        "Log4JRCE_QUERYSTRING",
        "Log4JRCE_BODY",
        "ReactJSRCE_BODY",
    ),
}
_CORE, _KNOWN_BAD = "awswaf:managed:aws:core-rule-set:", "awswaf:managed:aws:known-bad-inputs:"
BLOCKED: Final = (
    f"{_CORE}NoUserAgent_Header",
    f"{_CORE}BadBots_Header",
    f"{_CORE}SizeRestrictions_Cookie_Header",
    f"{_CORE}SizeRestrictions_URIPath",
    f"{_CORE}EC2MetaDataSSRF_Cookie",
    f"{_CORE}EC2MetaDataSSRF_URIPath",
    f"{_CORE}GenericLFI_URIPath",
    f"{_CORE}RestrictedExtensions_URIPath",
    f"{_CORE}GenericRFI_URIPath",
    f"{_CORE}CrossSiteScripting_Cookie",
    f"{_CORE}CrossSiteScripting_URIPath",
    f"{_KNOWN_BAD}JavaDeserializationRCE_Header",
    f"{_KNOWN_BAD}JavaDeserializationRCE_URIPath",
    f"{_KNOWN_BAD}Host_Localhost_Header",
    f"{_KNOWN_BAD}Propfind_Method",
    f"{_KNOWN_BAD}ExploitablePaths_URIPath",
    f"{_KNOWN_BAD}Log4JRCE_Header",
    f"{_KNOWN_BAD}Log4JRCE_URIPath",
)


def web_acl(stack: AppStack) -> waf.CfnWebACL:
    """Rate per address, then findings of AWS's common rules and known bad inputs outside of people's texts."""
    acl = waf.CfnWebACL
    groups = [_labelling(name, priority) for priority, name in enumerate(GROUPS, start=1)]
    return acl(
        stack,
        "WebAcl",
        name=physical("edge"),
        scope="CLOUDFRONT",
        default_action=acl.DefaultActionProperty(allow={}),
        rules=[_rate_per_address(), *groups, _labelled(len(groups) + 1)],
        visibility_config=_visibility("edge"),
    )


def _rate_per_address() -> waf.CfnWebACL.RuleProperty:
    acl = waf.CfnWebACL
    return acl.RuleProperty(
        name="rate-per-address",
        priority=0,
        action=acl.RuleActionProperty(block={"customResponse": {"responseCode": 429}}),
        statement=acl.StatementProperty(
            rate_based_statement=acl.RateBasedStatementProperty(
                aggregate_key_type="IP", limit=RATE_PER_FIVE_MINUTES, evaluation_window_sec=300
            )
        ),
        visibility_config=_visibility("rate-per-address"),
    )


def _labelling(name: str, priority: int) -> waf.CfnWebACL.RuleProperty:
    """The whole group only counts: its metrics show what it would have blocked, and later rules see its labels."""
    acl = waf.CfnWebACL
    count = acl.RuleActionProperty(count={})
    group = acl.ManagedRuleGroupStatementProperty(
        vendor_name="AWS",
        name=name,
        rule_action_overrides=[acl.RuleActionOverrideProperty(name=rule, action_to_use=count) for rule in GROUPS[name]],
    )
    return acl.RuleProperty(
        name=name,
        priority=priority,
        override_action=acl.OverrideActionProperty(count={}),
        statement=acl.StatementProperty(managed_rule_group_statement=group),
        visibility_config=_visibility(name),
    )


def _labelled(priority: int) -> waf.CfnWebACL.RuleProperty:
    acl = waf.CfnWebACL
    labels = [
        acl.StatementProperty(label_match_statement=acl.LabelMatchStatementProperty(scope="LABEL", key=label))
        for label in BLOCKED
    ]
    return acl.RuleProperty(
        name="not-what-people-write",
        priority=priority,
        action=acl.RuleActionProperty(block={}),
        statement=acl.StatementProperty(or_statement=acl.OrStatementProperty(statements=labels)),
        visibility_config=_visibility("not-what-people-write"),
    )


def _visibility(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
    )
