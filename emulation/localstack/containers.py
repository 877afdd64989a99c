"""LocalStack's plugin that gives layers to functions in containers: LocalStack stores layers, and does not mount them.

Lambda unpacks layers into ``/opt`` in their order, so that a later one wins:
https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html
"""

from __future__ import annotations

from typing import Any

from localstack.services.lambda_.hooks import start_docker_executor
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion

_TARGET = "/opt"


@start_docker_executor()
def give_layers(container_config: Any, function_version: FunctionVersion) -> None:
    """Before the container is made: LocalStack copies ``copy_folders`` into it, as it does the function's code."""
    for layer in function_version.config.layers:
        layer.code.prepare_for_execution()
        container_config.copy_folders.append((f"{layer.code.get_unzipped_code_location()}/.", _TARGET))
