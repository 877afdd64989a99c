"""The private names of MiniStack that the strict rules rely on; ``expected`` has the others."""

from __future__ import annotations

Names = dict[str, tuple[str, ...] | None]
LAMBDA: Names = {
    "_create_function": ("data",),
    "_update_config": ("name", "data"),
    "_put_function_concurrency": ("func_name", "data"),
    "_create_esm": ("data",),
    "_update_esm": ("esm_id", "data"),
    "_esms": None,
    "_fetch_code_from_s3": ("bucket", "key", "version_id"),
    "_normalize_layer_attachments": ("layers",),
    "_unzipped_size": ("zip_data",),
    "_layer_unzipped_size": ("attachment",),
    "error_response_json": None,
}
API_GATEWAY: Names = {
    "_apis": None,
    "_apigw_error": ("code", "message", "status"),
    "_create_stage": ("api_id", "data"),
    "_update_stage": ("api_id", "stage_name", "data"),
    "_create_integration": ("api_id", "data"),
    "_update_integration": ("api_id", "int_id", "data"),
}
#: Module → names, of modules that nothing else here changes.
FURTHER: dict[str, Names] = {
    "ministack.services.cloudformation.stacks": {
        "_provision_resource": ("resource_type", "logical_id", "props", "stack_name"),
        "_update_resource": (
            *("resource_type", "physical_id", "old_props", "new_props", "stack_name", "logical_id", "old_attrs"),
        ),
    },
    "ministack.services.iam": {
        "_IAM_HANDLERS": None,
        "_roles": None,
        "_p": ("params", "key", "default"),
        "_error": ("status", "code", "message", "ns"),
    },
    "ministack.services.opensearch": {"_domains": None},
}
