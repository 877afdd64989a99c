"""A function leaks memory: each invocation keeps a little more, in a global of its module."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import sys
import zipfile
from collections.abc import Iterator

from kit.drills.scene import Scene, status_of
from kit.words import Words

_LEAK_MB, _TIMES, _LIMIT_MB = 24, 4, 256
#: Each invocation fills memory for good. The product's own functions are left alone. It measures itself: the emulator's
#: REPORT lines give the peak of all functions together as Max Memory Used.
_CODE = f"""
import os, subprocess

kept = []

def handler(event, context):
    kept.append(b"x" * ({_LEAK_MB} << 20))
    held = int(subprocess.check_output(["ps", "-o", "rss=", "-p", str(os.getpid())]))
    return {{"calls": len(kept), "megabytes": held // 1024}}
"""
_LAMBDA_ALONE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def play(scene: Scene) -> None:
    _, ann = scene.person("ann")
    with _leaking(scene) as name:
        used = [_invoke(scene, name) for _ in range(_TIMES)]
        counts, megabytes = [one[0] for one in used], [one[1] for one in used]
        scene.expect(
            "Warm invocations share the module's state", "ウォームスタートではモジュールの変数が残る",
            list(range(1, _TIMES + 1)), counts,
        )  # fmt: skip
        grown = [after - before for before, after in itertools.pairwise(megabytes)]
        scene.expect(
            "The memory of the environment grows with each", "実行環境のメモリ使用量が毎回増える",
            Words(f"about {_LEAK_MB} MB each time", f"毎回約{_LEAK_MB} MB"),
            ", ".join(f"+{one}" for one in grown) + " MB",
            all(one >= _LEAK_MB // 2 for one in grown),
        )  # fmt: skip
        left = int((_LIMIT_MB - megabytes[-1]) / _LEAK_MB)
        scene.expect(
            f"Invocations left until Lambda would end it at {_LIMIT_MB} MB", f"{_LIMIT_MB} MBの上限に達するまでの回数",
            Words("a few", "数回"), left, 0 <= left < 20,
        )  # fmt: skip
        scene.expect(
            "Others are served meanwhile", "ほかの関数は影響を受けない", 200, status_of(lambda: ann.get("/v1/me"))
        )
        # What mends it for now: a change of the configuration ends the environments that are warm.
        scene.aws("lambda").update_function_configuration(FunctionName=name, Environment={"Variables": {"FRESH": "1"}})
        count, fresh = _invoke(scene, name)
        scene.expect("A new environment begins without it", "新しい実行環境では解放されている", 1, count)
        scene.expect(
            "Its memory",
            "そのメモリ使用量",
            Words(f"below {megabytes[-1]} MB", f"{megabytes[-1]} MB未満"),
            f"{fresh} MB",
            fresh < megabytes[-1],
        )


@contextlib.contextmanager
def _leaking(scene: Scene) -> Iterator[str]:
    """A function of the drill's own, whose role allows nothing; all of it is deleted at the end."""
    client, iam, name = scene.aws("lambda"), scene.aws("iam"), f"drill-leak-{scene.run}"
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("leak.py", _CODE)
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(_LAMBDA_ALONE))["Role"]["Arn"]
    client.create_function(
        FunctionName=name, Handler="leak.handler", Code={"ZipFile": code.getvalue()}, MemorySize=_LIMIT_MB, Timeout=10,
        Runtime=f"python3.{sys.version_info.minor}", Role=role,
    )  # fmt: skip
    try:
        yield name
    finally:
        client.delete_function(FunctionName=name)
        iam.delete_role(RoleName=name)
        logs = scene.aws("logs")
        with contextlib.suppress(logs.exceptions.ResourceNotFoundException):
            logs.delete_log_group(logGroupName=f"/aws/lambda/{name}")


def _invoke(scene: Scene, name: str) -> tuple[int, int]:
    """How often this environment was called, and the memory that it holds now (MB)."""
    answer = json.loads(scene.aws("lambda").invoke(FunctionName=name, Payload=b"{}")["Payload"].read())
    return int(answer["calls"]), int(answer["megabytes"])
