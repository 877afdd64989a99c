"""Updates the code of functions without CloudFormation, like ``cdk deploy --hotswap`` without its synthesis.

For the emulated targets only, where an edit should be live in seconds. On AWS every change goes through CloudFormation,
so that the deployment always matches the templates.
https://docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd-deploy.html#ref-cli-cmd-deploy-options (``--hotswap``)
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from infra.bundles import code_zip
from kit.deploy.assembly import Stack

_PACKAGE = "services."


def functions_of(stacks: Iterable[Stack]) -> Iterator[tuple[str, str]]:
    """``(function name, context)`` of every function whose code is a package of ``services/<context>``."""
    for stack in stacks:
        for resource in stack.template.get("Resources", {}).values():
            properties = resource.get("Properties", {})
            handler = str(properties.get("Handler", ""))
            if resource["Type"] == "AWS::Lambda::Function" and handler.startswith(_PACKAGE):
                yield str(properties["FunctionName"]), handler.split(".")[1]


def update_code(client: Any, root: Path, stacks: Iterable[Stack]) -> list[str]:
    """Update each function to the code of the sources, unless it has it; returns the names of changed functions.

    Args:
        client: boto3's for Lambda.
        root: the checkout.
    """
    pages = client.get_paginator("list_functions").paginate()
    deployed = {one["FunctionName"]: one["CodeSha256"] for page in pages for one in page["Functions"]}
    changed = []
    for name, context in functions_of(stacks):
        content = code_zip(root, context).read_bytes()
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        if deployed.get(name, digest) != digest:
            client.update_function_code(FunctionName=name, ZipFile=content)
            changed.append(name)
    return changed
