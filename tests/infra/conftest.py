"""The templates of each target, synthesized once per test run."""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import aws_cdk as cdk
import pytest

import infra.constructs.stack as stack_module
from infra.app import build
from infra.archives import write_zip
from infra.targets import AWS, target_of
from kit.deploy.context import EMBEDDED, target_settings
from kit.deploy.synth import EXAMPLE_ACCOUNT
from kit.settings import Settings
from tests.infra.templates import OPTIONS, ROOT, Templates

_PEM = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n"
_ENVIRONMENT = {"CDK_DEFAULT_ACCOUNT": EXAMPLE_ACCOUNT, "CDK_DEFAULT_REGION": "us-east-1"}


@pytest.fixture(scope="session")
def app_for(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., cdk.App]]:
    """Builds the app for a target, with one-line layers: no test here needs their content."""
    scratch = tmp_path_factory.mktemp("infra")
    pem = scratch / "media.pem"
    pem.write_text(_PEM, "ascii")

    def small_layer(_: Path, name: str, *, for_aws: bool) -> Path:
        archive = scratch / f"{name}-{'aws' if for_aws else 'host'}.zip"
        write_zip(archive, {"python/note.txt": pem})
        return archive

    def make(target: str, **environment: str) -> cdk.App:
        context = json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"]
        app = cdk.App(outdir=str(tmp_path_factory.mktemp(target)), context=context)
        environ = _ENVIRONMENT | environment
        handed = target_settings(target, Settings(port_offset=40), environ)
        build(app, target_of(target, handed, environ))
        return app

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stack_module, "layer_zip", small_layer)
        patch.setenv("CDK_VALIDATION", "false")
        patch.setenv("ASYNCSNS_MEDIA_PUBLIC_KEY", str(pem))
        yield make


@pytest.fixture(scope="session")
def templates_for(
    app_for: Callable[..., cdk.App], tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Callable[..., Templates]:
    """Templates of a target and an environment; of several workers, the first to ask makes them for all."""
    own = tmp_path_factory.getbasetemp()
    shared = (own if worker_id == "master" else own.parent) / "templates"
    shared.mkdir(exist_ok=True)

    def make(target: str, **environment: str) -> Templates:
        name = hashlib.sha256(json.dumps([target, environment], sort_keys=True).encode()).hexdigest()
        file = shared / f"{name}.json"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not file.exists():
                text = json.dumps(Templates.of(app_for(target, **environment)).stacks)
                file.with_suffix(".new").write_text(text, "utf-8")
                file.with_suffix(".new").replace(file)
        return Templates(json.loads(file.read_text("utf-8")))

    return make


@pytest.fixture(scope="session")
def embedded(templates_for: Callable[..., Templates]) -> Templates:
    return templates_for(EMBEDDED)


@pytest.fixture(scope="session")
def aws(templates_for: Callable[..., Templates]) -> Templates:
    return templates_for(AWS)


@pytest.fixture(scope="session")
def with_options(templates_for: Callable[..., Templates]) -> Templates:
    """For AWS with all that the environment may add: a domain, mails, a cache of connections, deployments by GitHub."""
    return templates_for(AWS, **OPTIONS)
