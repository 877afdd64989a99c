"""`make deploy` without credentials: what it refuses before it starts, and how it invokes the toolchain."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from botocore.stub import Stubber

from infra.targets import AWS, target_of
from kit.deploy.cdk import Toolchain
from kit.deploy.quotas import quota_problem
from kit.deploy.region import region_problem
from kit.settings import Settings, checkout_root

_AWS_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "CDK_DEFAULT_REGION", "CDK_DEFAULT_ACCOUNT")
_CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL")


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without profiles, and an environment without region and target."""
    for name in (*_AWS_VARIABLES, *_CREDENTIALS, "TARGET", "MAKEFLAGS", "MAKELEVEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("ASYNCSNS_STATE", str(tmp_path / "state"))
    return tmp_path


def _deploy(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kit.deploy", "all", "--target", "aws"],
        cwd=checkout_root(),
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_deployment_without_a_target_is_refused_before_anything_is_installed(bare: Path) -> None:
    done = subprocess.run(
        ["make", "deploy", "PYTHON=/nowhere/python"], cwd=checkout_root(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == "make deploy: TARGET is missing, expected aws. Say: make deploy TARGET=aws"
    assert done.stdout == ""


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_another_region_is_refused_before_anything_starts(bare: Path, name: str) -> None:
    done = _deploy(**{name: "eu-west-1"})
    assert done.returncode == 1
    assert done.stdout == ""
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith(f"deploy: {name} says eu-west-1, but the templates can go to us-east-1 only")
    assert not (bare / "state").exists() or not list((bare / "state").rglob("*"))


def test_the_region_of_the_profile_is_used_without_a_variable(bare: Path) -> None:
    (bare / "config").write_text("[default]\nregion = ap-northeast-1\n[profile work]\nregion = us-east-1\n")
    assert "the profile default says ap-northeast-1" in _deploy().stderr
    for right in ({"AWS_REGION": "us-east-1"}, {"AWS_PROFILE": "work"}):
        assert _deploy(**right).stderr == "Unable to locate credentials\n"


def test_variables_that_name_two_regions_are_refused(bare: Path) -> None:
    assert region_problem({}) is None
    assert region_problem({"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}) is None
    problem = region_problem({"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "eu-west-1"})
    assert problem is not None
    assert "AWS_DEFAULT_REGION says eu-west-1" in problem


def test_nothing_is_synthesized_for_another_region(bare: Path) -> None:
    with pytest.raises(ValueError, match="region: expected us-east-1"):
        target_of(AWS, None, {"CDK_DEFAULT_REGION": "eu-west-1"})
    done = subprocess.run(
        [sys.executable, "-m", "infra.app"],
        cwd=checkout_root(),
        env=os.environ | {"TARGET": "aws", "CDK_DEFAULT_REGION": "eu-west-1", "CDK_OUTDIR": str(bare / "out")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.strip().endswith(
        "region: expected us-east-1 (CloudFront takes web ACLs from there), got eu-west-1"
    )
    assert "Traceback" not in done.stderr


@pytest.fixture
def toolchain(bare: Path) -> Toolchain:
    """A checkout's toolchain whose ``cdk`` records how it was started."""
    program = bare / "node_modules" / ".bin" / "cdk"
    program.parent.mkdir(parents=True)
    program.write_text(
        f"#!{sys.executable}\nimport json, os, sys\n"
        "started = {'arguments': sys.argv[1:], 'folder': os.listdir(), 'region': os.environ.get('AWS_REGION'),"
        " 'default': os.environ.get('AWS_DEFAULT_REGION')}\n"
        f"open({str(bare / 'started.json')!r}, 'w').write(json.dumps(started))\n"
    )
    program.chmod(0o755)
    return Toolchain(Settings(root=bare), "aws")


def test_bootstrap_and_deployment_use_one_region_without_running_the_app(bare: Path, toolchain: Toolchain) -> None:
    toolchain.bootstrap("111111111111")
    started = json.loads((bare / "started.json").read_text())
    assert started["arguments"][:2] == ["bootstrap", "aws://111111111111/us-east-1"]
    assert "cdk.json" not in started["folder"]
    assert (started["region"], started["default"]) == ("us-east-1", "us-east-1")
    toolchain.deploy(bare / "out", ["asyncsns-data"])
    deployed = json.loads((bare / "started.json").read_text())
    assert deployed["arguments"][:2] == ["deploy", "asyncsns-data"]
    assert (deployed["region"], deployed["default"]) == ("us-east-1", "us-east-1")


@pytest.mark.parametrize(("allowed", "refused"), [(10, True), (999, True), (1_000, False), (5_000, False)])
def test_an_account_that_runs_too_few_functions_at_once_is_refused(allowed: int, refused: bool) -> None:
    """GetAccountSettings: https://docs.aws.amazon.com/lambda/latest/api/API_AccountLimit.html"""
    functions = boto3.client("lambda", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(functions) as answers:
        answers.add_response("get_account_settings", {"AccountLimit": {"ConcurrentExecutions": allowed}})
        problem = quota_problem(functions)
    assert (problem is not None) is refused
    assert problem is None or (f"allows {allowed} concurrent" in problem and "Nothing was deployed" in problem)
