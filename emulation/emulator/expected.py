"""The private names of MiniStack that ``seams`` and its users rely on, and the parameters of its functions."""

from __future__ import annotations

from emulation.emulator.cognito_names import COGNITO

#: module -> names that must exist there; a tuple after a function's name gives its parameters, in order.
EXPECTED: dict[str, dict[str, tuple[str, ...] | None]] = {
    "ministack.app": {
        "app": ("scope", "receive", "send"),
        "PERSIST_STATE": None,
        "_build_persistence_save_dict": (),
        "_loaded_modules": None,
        "pin_request_origin": ("source_ip", "secure_transport"),
    },
    "ministack.core.persistence": {
        "STATE_DIR": None,
        "_json_default": ("obj",),
        "_json_object_hook": ("obj",),
        "_state_format_version": ("service",),
    },
    "ministack.core.concurrency": {"esm_wake": None, "run_reentrant": ("fn", "args", "thread_name")},
    "ministack.core.iam_evaluator": {
        "resolve_principal": ("access_key_id", "account_id", "credential"),
        "AuthError": None,
        "_sigv2_check": ("request", "account_id"),
    },
    "ministack.core.iam_actions": {
        "extract_iam_action": ("service", "method", "path", "headers", "body", "query_params"),
        "extract_resource_arn": (
            "service",
            "method",
            "path",
            "headers",
            "body",
            "query_params",
            "region",
            "account_id",
        ),
    },
    "ministack.core.lambda_runtime": {
        "_worker_class_for": ("config",),
        "_workers": None,
        "_lock": None,
        "acquire_worker": ("func_name", "config", "code_zip", "qualifier", "max_concurrency"),
        "kill_workers": ("workers",),
        "execution_credentials": ("config",),
        "INVOKE_DEPTH_ENV": None,
        "INVOKE_DEPTH_HEADER": None,
    },
    "ministack.services.lambda_svc": {
        "_execute_function": ("func", "event"),
        "_xray_trace_id_for_invocation": ("config", "inbound_trace_header"),
        "_poll_dynamodb_streams": (),
        "_poll_kinesis": (),
        "_functions": None,
        "_execute_function_warm": ("func", "event", "request_id"),
        "_acquire_execution_slot": ("func", "config"),
        "_release_execution_slot": ("key",),
        "acquire_worker": ("func_name", "config", "code_zip", "qualifier", "max_concurrency"),
        "invoke_async_with_retry": ("func", "event"),
        "_resolve_layer_zip": ("attachment",),
        "_prune_orphan_code_blobs": ("referenced",),
        "serve_layer_content": ("layer_name", "version", "account_id", "region"),
        "_layers": None,
        "_BLOB_REF_KEY": None,
        "_write_code_blob": ("code_zip",),
        "_read_code_blob": ("sha",),
    },
    "ministack.services.apigateway": {
        "_invoke_ws_lambda": None,
        "_ws_connections": None,
        "handle_connections_api": ("method", "api_id", "stage", "connection_id", "body", "headers"),
    },
    "ministack.services.cognito": COGNITO,
    "ministack.services.s3": {
        "_enforce_signed_post_policy": ("fields", "bucket_name", "region", "size", "sigv4"),
        "_error": None,
        "_buckets": None,
    },
    "ministack.services.ses": {"_sent_emails": None},
    "ministack.services.dynamodb": {
        "_stream_records": None,
        "_stream_trimmed": None,
        "_closed_streams": None,
        "_tables": None,
        "_tokenize": ("expr",),
        "_check_redundant_parens": ("tokens", "slot"),
        "_check_reserved_keyword_usage": ("tokens",),
        "_condition_syntax_error": ("expr", "slot"),
        "_evaluate_condition": ("expr", "item", "attr_values", "attr_names", "slot"),
        "_set_item": ("table", "pk_val", "sk_val", "item"),
        "_remove_item": ("table", "pk_val", "sk_val"),
        "_items_replaced": ("table",),
        "_emit_stream_event": ("table_name", "event_name", "old_item", "new_item", "replicate"),
    },
    "ministack.services.kinesis": {
        "_streams": None,
        "_shard_iterators": None,
        "ITERATOR_EXPIRY_SECONDS": None,
        "_expire_records": ("stream",),
        "_expire_iterators": (),
    },
}
