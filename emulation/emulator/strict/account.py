"""The emulator's account, as the rules query it."""

from __future__ import annotations

from typing import Any

from emulation.emulator import seams
from emulation.emulator.strict.policies import characters
from emulation.emulator.strict.refused import Properties


class EmulatedAccount:
    """Reads MiniStack's state, within the account and region of the request."""

    def __init__(self) -> None:
        #: A layer version never changes.
        self._layers: dict[str, int] = {}

    def log_role(self) -> str:
        settings = seams.module("services.apigateway_v1")._account_settings.get("settings") or {}
        return str(settings.get("cloudwatchRoleArn") or "")

    def api_protocol(self, api: str) -> str:
        found = seams.module("services.apigateway")._apis.get(api)
        return str(found.get("protocolType", "HTTP")) if found else ""

    def visibility_seconds(self, queue_arn: str) -> int | None:
        queue = seams.module("services.sqs")._queue_by_arn(queue_arn)
        return int(queue["attributes"].get("VisibilityTimeout", 30)) if queue else None

    def timeout_seconds(self, function: str) -> int | None:
        record, config, _ = seams.module("services.lambda_svc")._get_func_record_for_ref(function)
        return int((config or record["config"])["Timeout"]) if record else None

    def unzipped_bytes(self, function: Properties) -> int:
        service, code = seams.module("services.lambda_svc"), function.get("Code") or {}
        content = None
        if code.get("S3Bucket"):
            content = service._fetch_code_from_s3(code["S3Bucket"], code["S3Key"], code.get("S3ObjectVersion"))
        attached, failed = service._normalize_layer_attachments(function.get("Layers"))
        # Layers that cannot be attached are refused with a reason of their own.
        layers = 0 if failed else sum(self._layer(service, one) for one in attached)
        return int(service._unzipped_size(content)) + layers

    def _layer(self, service: Any, attachment: dict[str, Any]) -> int:
        arn = str(attachment["Arn"])
        if arn not in self._layers:
            self._layers[arn] = int(service._layer_unzipped_size(attachment))
        return self._layers[arn]

    def reserved_elsewhere(self, function: str) -> int:
        """Reserved concurrency of functions in stacks, and of those where the API set it; if both did, the API's value
        counts."""
        reserved = {
            str(resource["PhysicalResourceId"]): int(resource["Properties"].get("ReservedConcurrentExecutions") or 0)
            for stack in seams.module("services.cloudformation")._stacks.values()
            for resource in (stack.get("_resources") or {}).values()
            if resource.get("ResourceType") == "AWS::Lambda::Function"
        }
        for name, record in seams.module("services.lambda_svc")._functions.items():
            if record.get("concurrency") is not None:
                reserved[name] = int(record["concurrency"])
        return sum(value for name, value in reserved.items() if name != function)

    def inline_characters(self, role: str, *, without: str) -> int:
        found = seams.module("services.iam")._roles.get(role)
        inline = found["InlinePolicies"] if found else {}
        return sum(characters(document) for name, document in inline.items() if name != without)
