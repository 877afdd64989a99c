"""Applies the rules when resources are created: when a stack is deployed, and in the APIs of the services.

A stack fails as on AWS, with the handler's message as the reason of the resource. Resources that were deployed before
are checked when they change.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from emulation.emulator import seams
from emulation.emulator.strict.account import EmulatedAccount
from emulation.emulator.strict.refused import Account, Properties, Refused
from emulation.emulator.strict.rules import refusal

#: The name of a service in CloudFormation's messages, where it is not the second part of the type.
_SERVICES = {"IAM": "Iam", "SQS": "Sqs", "SNS": "Sns", "OpenSearchService": "OpenSearch", "Logs": "CloudWatchLogs"}


def refuse_over_quota() -> None:
    """Apply the rules to stacks and calls."""
    account = EmulatedAccount()
    _in_stacks(account)
    _in_lambda(account)
    _in_api_gateway(account)
    _in_iam(account)


def reason(kind: str, refused: Refused) -> str:
    """Why a resource failed, as CloudFormation words it."""
    service = kind.split("::")[1]
    code = "ServiceLimitExceeded" if refused.code == "LimitExceeded" else "InvalidRequest"
    said = f"{refused.message} (Service: {_SERVICES.get(service, service)}, Status Code: {refused.status})"
    return f'Resource handler returned message: "{said}" (HandlerErrorCode: {code})'


def _in_stacks(account: Account) -> None:
    stacks = seams.module("services.cloudformation.stacks")
    provision, update = stacks._provision_resource, stacks._update_resource

    def provision_checked(resource_type: str, logical_id: str, props: Properties, stack_name: str) -> Any:
        _require(account, resource_type, props)
        return provision(resource_type, logical_id, props, stack_name)

    def update_checked(
        resource_type: str, physical_id: str, old_props: Properties, new_props: Properties, *further: Any
    ) -> Any:
        if old_props != new_props:
            _require(account, resource_type, {**_named(resource_type, physical_id), **new_props})
        return update(resource_type, physical_id, old_props, new_props, *further)

    stacks._provision_resource, stacks._update_resource = provision_checked, update_checked


def _named(kind: str, physical_id: str) -> Properties:
    """A function without a name in its template is identified by its physical id."""
    return {"FunctionName": physical_id} if kind == "AWS::Lambda::Function" else {}


def _require(account: Account, kind: str, properties: Properties) -> None:
    """Raises ValueError: AWS refuses it; MiniStack fails the resource for that."""
    refused = refusal(kind, properties, account)
    if refused is not None:
        raise ValueError(reason(kind, refused))


def _in_lambda(account: Account) -> None:
    service = seams.module("services.lambda_svc")
    create, configure, reserve = service._create_function, service._update_config, service._put_function_concurrency
    create_mapping, update_mapping = service._create_esm, service._update_esm

    def refused(kind: str, properties: Properties) -> Any:
        found = refusal(kind, properties, account)
        return service.error_response_json(found.code, found.message, found.status) if found else None

    def create_function(data: dict[str, Any]) -> Any:
        # Sizes of packages that come by the API are MiniStack's to check.
        return refused(_FUNCTION, _but(data, "Code", "Layers")) or create(data)

    def update_config(name: str, data: dict[str, Any]) -> Any:
        return refused(_FUNCTION, {**_but(data, "Layers"), "FunctionName": name}) or configure(name, data)

    def put_concurrency(func_name: str, data: dict[str, Any]) -> Any:
        wanted = {"FunctionName": func_name, "ReservedConcurrentExecutions": data.get("ReservedConcurrentExecutions")}
        return refused(_FUNCTION, wanted) or reserve(func_name, data)

    def create_esm(data: dict[str, Any]) -> Any:
        return refused(_MAPPING, data) or create_mapping(data)

    def update_esm(esm_id: str, data: dict[str, Any]) -> Any:
        mapping = service._esms.get(esm_id) or {}
        known = {name: mapping[name] for name in ("EventSourceArn", "FunctionName") if name in mapping}
        return refused(_MAPPING, {**known, **data}) or update_mapping(esm_id, data)

    service._create_function, service._update_config = create_function, update_config
    service._put_function_concurrency = put_concurrency
    service._create_esm, service._update_esm = create_esm, update_esm


_FUNCTION, _MAPPING = "AWS::Lambda::Function", "AWS::Lambda::EventSourceMapping"


def _but(data: Properties, *names: str) -> Properties:
    return {name: value for name, value in data.items() if name not in names}


def _in_api_gateway(account: Account) -> None:
    service = seams.module("services.apigateway")
    for name, kind in (
        ("_create_stage", "AWS::ApiGatewayV2::Stage"),
        ("_update_stage", "AWS::ApiGatewayV2::Stage"),
        ("_create_integration", "AWS::ApiGatewayV2::Integration"),
        ("_update_integration", "AWS::ApiGatewayV2::Integration"),
    ):
        setattr(service, name, _checked_call(service, getattr(service, name), kind, account))


def _checked_call(service: Any, act: Callable[..., Any], kind: str, account: Account) -> Callable[..., Any]:
    """``act`` takes the API's id, in an update another one, and the input, which begins its names in small letters."""

    def checked(api_id: str, *further: Any) -> Any:
        found = refusal(kind, {"ApiId": api_id, **_capitalised(further[-1])}, account)
        if found is not None:
            return service._apigw_error(found.code, found.message, found.status)
        return act(api_id, *further)

    return checked


def _capitalised(value: Any) -> Any:
    """The properties in CloudFormation's names. Keys of routes stay as they are."""
    if not isinstance(value, dict):
        return value
    return {
        name[:1].upper() + name[1:]: (
            {route: _capitalised(one) for route, one in (inner or {}).items()}
            if name == "routeSettings"
            else _capitalised(inner)
        )
        for name, inner in value.items()
    }


def _in_iam(account: Account) -> None:
    """Calls in the Query protocol, as CloudFormation properties."""
    iam = seams.module("services.iam")
    asked: dict[str, tuple[str, Callable[[Callable[[str], str]], Properties]]] = {
        "CreateRole": ("AWS::IAM::Role", _trust),
        "UpdateAssumeRolePolicy": (
            "AWS::IAM::Role", lambda given: {"AssumeRolePolicyDocument": given("PolicyDocument")},
        ),
        "PutRolePolicy": (
            "AWS::IAM::Policy", lambda given: {**_document(given), "PolicyName": given("PolicyName"),
                                               "Roles": [given("RoleName")]},
        ),
        "CreatePolicy": ("AWS::IAM::ManagedPolicy", _document),
        "CreatePolicyVersion": ("AWS::IAM::ManagedPolicy", _document),
        "AttachRolePolicy": (
            "AWS::IAM::Role", lambda given: {"ManagedPolicyArns": _attached(iam, given)},
        ),
    }  # fmt: skip
    for action, (kind, properties_of) in asked.items():
        iam._IAM_HANDLERS[action] = _checked_action(iam, iam._IAM_HANDLERS[action], kind, properties_of, account)


def _checked_action(
    iam: Any, act: Callable[[Any], Any], kind: str, properties_of: Callable[..., Properties], account: Account
) -> Callable[[Any], Any]:
    def checked(params: Any) -> Any:
        found = refusal(kind, properties_of(lambda name: str(iam._p(params, name))), account)
        return iam._error(found.status, found.code, found.message) if found else act(params)

    return checked


def _trust(given: Callable[[str], str]) -> Properties:
    return {"AssumeRolePolicyDocument": given("AssumeRolePolicyDocument")}


def _document(given: Callable[[str], str]) -> Properties:
    return {"PolicyDocument": given("PolicyDocument")}


def _attached(iam: Any, given: Callable[[str], str]) -> list[str]:
    """The role's policies after the call."""
    role = iam._roles.get(given("RoleName"))
    before: Iterable[Any] = role["AttachedPolicies"] if role else ()
    arns = {one if isinstance(one, str) else json.dumps(one) for one in before}
    return sorted(arns | {given("PolicyArn")})
