"""Records each call of a boto3 client as a span, which is the parent of the service's trace."""

from __future__ import annotations

from typing import Any, Final

from services.common.carriers import carried_by
from services.common.spans import opened
from services.common.tracing import call_in_shares, call_of

#: Parameter of a call → what a span calls it. The first two are X-Ray's own names.
_RESOURCES: Final = {
    "TableName": "table_name",
    "QueueUrl": "queue_url",
    "TopicArn": "topic_arn",
    "StreamName": "stream_name",
    "FunctionName": "function_name",
    "Bucket": "bucket",
    "Key": "key",
}


def traced(made: Any) -> Any:
    """From now on ``made`` (a client of boto3) records its calls when the trace is sampled."""
    usual, service = made._make_api_call, made.meta.service_model.endpoint_prefix

    def call(operation_name: str, api_params: dict[str, Any]) -> Any:
        carried = carried_by(operation_name, api_params)
        with call_of(service) as span, call_in_shares(service, carried) as others:
            for one in (span, *others) if span else others:
                one.set_aws({"operation": operation_name, "region": made.meta.region_name, **_named(api_params)})
            return usual(operation_name, api_params)

    made._make_api_call = call
    # Before botocore's own handler, which would name the function's segment.
    made.meta.events.register_first("before-call", _pass_on)
    return made


def _named(params: dict[str, Any]) -> dict[str, str]:
    return {name: params[key] for key, name in _RESOURCES.items() if isinstance(params.get(key), str)}


def _pass_on(params: dict[str, Any], **_: Any) -> None:
    span = opened.get()
    if span is not None:
        params["headers"]["X-Amzn-Trace-Id"] = span.header
