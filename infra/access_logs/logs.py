"""The columns of the two access logs, in the order and with the types that Glue's tables have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Log:
    """One table. ``columns``: name → type of Hive."""

    table: str
    #: Folder of the log bucket.
    folder: str
    columns: dict[str, str]


#: https://docs.aws.amazon.com/athena/latest/ug/create-cloudfront-table-standard-logs.html
CLOUDFRONT: Final = Log(
    "cloudfront_access_log",
    "cloudfront",
    {
        "date": "date", "time": "string", "x_edge_location": "string", "sc_bytes": "bigint", "c_ip": "string",
        "cs_method": "string", "cs_host": "string", "cs_uri_stem": "string", "sc_status": "int",
        "cs_referrer": "string", "cs_user_agent": "string", "cs_uri_query": "string", "cs_cookie": "string",
        "x_edge_result_type": "string", "x_edge_request_id": "string", "x_host_header": "string",
        "cs_protocol": "string", "cs_bytes": "bigint", "time_taken": "float", "x_forwarded_for": "string",
        "ssl_protocol": "string", "ssl_cipher": "string", "x_edge_response_result_type": "string",
        "cs_protocol_version": "string", "fle_status": "string", "fle_encrypted_fields": "int", "c_port": "int",
        "time_to_first_byte": "float", "x_edge_detailed_result_type": "string", "sc_content_type": "string",
        "sc_content_len": "bigint", "sc_range_start": "bigint", "sc_range_end": "bigint",
    },
)  # fmt: skip

#: The HTTP API's log of each request: name → variable of API Gateway. JSON, all values texts; ``-`` is none.
#: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
GATEWAY_FIELDS: Final = {
    "requestId": "requestId", "time": "requestTime", "epoch": "requestTimeEpoch", "ip": "identity.sourceIp",
    "method": "httpMethod", "path": "path", "routeKey": "routeKey", "status": "status", "bytes": "responseLength",
    "latency": "responseLatency", "user": "authorizer.claims.sub", "authorizerError": "authorizer.error",
    "integrationError": "integrationErrorMessage", "integrationLatency": "integrationLatency",
}  # fmt: skip
GATEWAY: Final = Log("gateway_access_log", "gateway", {name.lower(): "string" for name in GATEWAY_FIELDS})


def gateway_format() -> str:
    """The format of the HTTP API's access log."""
    return "{" + ",".join(f'"{name}":"$context.{variable}"' for name, variable in GATEWAY_FIELDS.items()) + "}"
