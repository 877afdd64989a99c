"""The private names of MiniStack that ``item_calls`` relies on."""

from __future__ import annotations

APP: dict[str, tuple[str, ...] | None] = {
    "_get_reset_lock": (),
    "_maybe_record_cloudtrail": (
        "service",
        "method",
        "path",
        "headers",
        "body",
        "query_params",
        "request_id",
        "region",
    ),
    "set_request_client_ip": None,
    "set_request_account_id": ("access_key_id",),
    "set_request_region": None,
    "_request_account_scope": ("access_key_id",),
    "extract_access_key_id": ("headers", "query_params"),
    "extract_region": ("headers", "query_params"),
    "AmbiguousAccessKeyError": None,
}
ACTIONS: dict[str, tuple[str, ...] | None] = {
    "json": None,
    "request_tag_context": ("service", "iam_action", "body", "params"),
    "dynamodb_service_context": ("body",),
    "dynamodb_transaction_checks": ("iam_action", "body", "region", "account_id"),
    "dynamodb_resource_arns": ("body", "region", "account_id"),
}
RESPONSES: dict[str, tuple[str, ...] | None] = {
    "fix_error_content_type": ("service", "status", "headers"),
    "fix_success_content_type": ("service", "status", "headers"),
}
