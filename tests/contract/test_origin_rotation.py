"""AWS Secrets Manager User Guide, "Rotation by Lambda function": the four steps, against the deployed distribution."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from emulation.settings import REGION
from infra.constants import ORIGIN_SECRET
from kit.settings import Settings
from services.common import aws as services_aws
from services.common.entry.origin import PENDING
from services.origin.adapter import DistributionHeader, StoredSecret
from services.origin.rotation import Rotation
from tests.contract.deployed_edge import DeployedEdge
from tests.contract.emulator_process import wait_until

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


@pytest.fixture
def of_its_owner(deployed_edge: DeployedEdge, monkeypatch: pytest.MonkeyPatch) -> Iterator[DeployedEdge]:
    """``services`` with the credentials of the account's owner."""
    own = Settings.load().emulation.credentials
    keys = {"AWS_ACCESS_KEY_ID": own.access_key_id, "AWS_SECRET_ACCESS_KEY": own.secret_access_key}
    for name, value in {
        **keys,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": str(deployed_edge.endpoints.emulator_url),
    }.items():
        monkeypatch.setenv(name, value)
    services_aws.client.cache_clear()
    _forget_what_was_begun(deployed_edge)
    yield deployed_edge
    services_aws.client.cache_clear()


def _forget_what_was_begun(edge: DeployedEdge) -> None:
    """Removes the state of an interrupted run. On AWS a label is on one version only; MiniStack leaves it on both."""
    secrets = edge.aws("secretsmanager")
    for version, stages in secrets.describe_secret(SecretId=ORIGIN_SECRET)["VersionIdsToStages"].items():
        if PENDING in stages:
            secrets.update_secret_version_stage(
                SecretId=ORIGIN_SECRET, VersionStage=PENDING, RemoveFromVersionId=version
            )
    DistributionHeader(edge.distribution).send(secrets.get_secret_value(SecretId=ORIGIN_SECRET)["SecretString"])
    wait_until(lambda: edge.get("/v1/status").status_code == 200, 60, "the edge to learn of the header", lambda: "")


def test_the_api_answers_through_cloudfront_in_every_step_of_a_rotation(of_its_owner: DeployedEdge) -> None:
    edge, header, secret = of_its_owner, DistributionHeader(of_its_owner.distribution), StoredSecret(ORIGIN_SECRET)
    before, version = header.values(), uuid.uuid4().hex
    direct = f"{edge.endpoints.gateway_api_url}/v1/status"
    for step in STEPS:
        for _ in range(2):
            Rotation(secret, header).run(step, version)
        assert edge.get("/v1/status").status_code == 200, step
        assert edge.client.get(direct).status_code == 403, step
        # Edge locations that have not received the change still send the former value.
        for value in before | header.values():
            assert edge.client.get(direct, headers={"x-origin-secret": value}).status_code == 200, step
    assert secret.stages(version) == ["AWSCURRENT"]
    assert before.isdisjoint(header.values())
