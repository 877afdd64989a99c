"""LocalStack's plugins for CloudFormation: one resource provider for every type of the table.

LocalStack's engine resolves the properties (values of other resources, parameters, imports) before it calls a
provider, so the companion gets a template without references. ``Ref`` is what the companion's ``Ref`` gives, kept in
the model under a property of our own: the types' own identifiers differ from it (a route's is a pair).
"""

from __future__ import annotations

import functools
from typing import Any

from localstack.services.cloudformation.engine import quirks
from localstack.services.cloudformation.resource_provider import (
    CloudFormationResourceProviderPlugin,
    OperationStatus,
    ProgressEvent,
    ResourceProvider,
    ResourceRequest,
)
from plux import PluginSpec

from emulation.localstack.companion import CompanionError, OneResource
from emulation.localstack.table import TYPES, entry_name

_REF = "CompanionRef"


class CompanionProvider(ResourceProvider):
    """Makes, changes and removes resources of one type in the companion."""

    def __init__(self, type_name: str) -> None:
        self.TYPE = type_name
        self._attributes = TYPES[type_name]
        path = _identifier(type_name)
        known = {name: {"type": "string"} for name in {_REF, path, *self._attributes}}
        self.SCHEMA = {
            "typeName": type_name,
            "properties": known,
            "primaryIdentifier": [f"/properties/{path}"],
            "readOnlyProperties": [f"/properties/{name}" for name in known],
        }

    def create(self, request: ResourceRequest) -> ProgressEvent:
        given = dict(request.desired_state or {})
        try:
            made = self._resource(request).make({name: value for name, value in given.items() if value is not None})
        except CompanionError as error:
            return _failed(given, error)
        model = given | made.attributes | {_REF: made.ref, _identifier(self.TYPE): made.ref}
        return ProgressEvent(status=OperationStatus.SUCCESS, resource_model=model)

    update = create

    def delete(self, request: ResourceRequest) -> ProgressEvent:
        try:
            self._resource(request).remove()
        except CompanionError as error:
            return _failed({}, error)
        return ProgressEvent(status=OperationStatus.SUCCESS, resource_model={})

    def read(self, request: ResourceRequest) -> ProgressEvent:
        return ProgressEvent(status=OperationStatus.SUCCESS, resource_model=request.desired_state)

    def _resource(self, request: ResourceRequest) -> OneResource:
        return OneResource(request.stack_name, request.logical_resource_id, self.TYPE, self._attributes)


def _failed(model: dict[str, Any], error: CompanionError) -> ProgressEvent:
    return ProgressEvent(
        status=OperationStatus.FAILED, resource_model=model, message=str(error), error_code="GeneralServiceException"
    )


def _identifier(type_name: str) -> str:
    """The property that ``Ref`` gives. For some types LocalStack names it in a table of its own."""
    path = quirks.PHYSICAL_RESOURCE_ID_SPECIAL_CASES.get(type_name, "")
    return path.removeprefix("/properties/") if path.startswith("/properties/") else _REF


class CompanionPlugin(CloudFormationResourceProviderPlugin):
    """LocalStack asks ``factory`` for the provider of the type that is the plugin's name."""

    def __init__(self, type_name: str) -> None:
        self.name = type_name

    def load(self) -> None:
        """Nothing: the provider has no state."""

    def factory(self) -> CompanionProvider:
        return CompanionProvider(self.name)


def __getattr__(name: str) -> PluginSpec:
    """The entry points: ``emulation.localstack.resources:AWS_Cognito_UserPool``."""
    for type_name in TYPES:
        if entry_name(type_name) == name:
            return PluginSpec(CompanionPlugin.namespace, type_name, functools.partial(CompanionPlugin, type_name))
    raise AttributeError(name)
