"""The rules for each type of resource."""

from __future__ import annotations

from emulation.emulator.strict import apis, functions, names, policies
from emulation.emulator.strict.refused import Account, Properties, Refused, Rule

_OF_TYPES: dict[str, tuple[Rule, ...]] = {
    "AWS::Lambda::Function": (functions.variables, functions.quotas, functions.package, functions.concurrency),
    "AWS::Lambda::EventSourceMapping": (functions.visibility,),
    "AWS::ApiGatewayV2::Stage": (apis.stage,),
    "AWS::ApiGateway::Stage": (apis.rest_stage,),
    "AWS::ApiGatewayV2::Integration": (apis.integration,),
    "AWS::ApiGateway::Method": (apis.method,),
    "AWS::IAM::Role": (policies.role,),
    "AWS::IAM::Policy": (policies.inline,),
    "AWS::IAM::ManagedPolicy": (policies.managed,),
}
#: Type of CloudFormation → rules.
RULES: dict[str, tuple[Rule, ...]] = {
    kind: _OF_TYPES.get(kind, ()) + ((names.rule_of(names.NAMES[kind]),) if kind in names.NAMES else ())
    for kind in sorted(_OF_TYPES.keys() | names.NAMES.keys())
}


def refusal(kind: str, properties: Properties, account: Account) -> Refused | None:
    """The first rule that a resource breaks."""
    return next((found for rule in RULES.get(kind, ()) for found in rule(properties, account)), None)
