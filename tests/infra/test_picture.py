"""The architecture page is drawn from the templates: it shows all of their parts and no others."""

from __future__ import annotations

import copy
import json
import os
from typing import Any, Final

import pytest

from infra.picture import page
from infra.picture.arrows import arrows_of
from infra.picture.boxes import FUNCTION, box_of
from infra.picture.references import Stacks
from tests.infra.templates import ROOT, Templates

#: The diagram that the UI's own tests draw.
_VECTOR: Final = ROOT / "frontend-static" / "tests" / "vectors" / "architecture.json"


@pytest.fixture(scope="module")
def stacks(aws: Templates) -> Stacks:
    return Stacks(aws.stacks)


def _pairs(stacks: Stacks) -> dict[tuple[str, str], str]:
    return {(one.source, one.target): one.flow for one in arrows_of(stacks)}


def test_the_picture_is_the_same_on_every_target(aws: Templates, embedded: Templates) -> None:
    assert _pairs(Stacks(aws.stacks)) == _pairs(Stacks(embedded.stacks))


def test_the_ui_draws_the_diagram_of_the_templates(aws: Templates) -> None:
    found = page.document(aws.stacks)
    arrows = [{key: one[key] for key in ("from", "to", "flow")} for one in found["arrows"]]
    vector = {"boxes": {key: {} for key in found["boxes"]}, "arrows": arrows, "nodes": found["nodes"], "sources": {}}
    if os.environ.get("ASYNCSNS_WRITE_SNAPSHOTS"):
        _VECTOR.write_text(json.dumps(vector, indent=2) + "\n", "utf-8")
    assert json.loads(_VECTOR.read_text("utf-8")) == vector, "run: ASYNCSNS_WRITE_SNAPSHOTS=1 make test-infra"


def test_every_function_is_in_a_box(stacks: Stacks) -> None:
    found = page.document(stacks.templates)
    functions = stacks.of_type(FUNCTION)
    assert found["nodes"].keys() == {one.name for one in functions}
    assert all(box_of(stacks, one) for one in functions)


@pytest.mark.parametrize(
    ("gone", "arrow"),
    [
        ("AWS::SNS::Subscription", ("sns", "sqs")),
        ("AWS::Lambda::EventSourceMapping", ("stream", "projectors")),
        ("AWS::Lambda::EventSourceMapping", ("kinesis", "rtc-lambda")),
        ("AWS::ApiGatewayV2::Route", ("api-gateway", "query")),
        ("AWS::ApiGatewayV2::Route", ("websocket", "chat")),
        ("AWS::CloudFront::Distribution", ("cloudfront", "ui-s3")),
        ("AWS::Cognito::UserPoolClient", ("client", "cognito")),
        ("AWS::IAM::Role", ("projectors", "sns")),
        ("AWS::IAM::Role", ("post", "dynamodb")),
    ],
)
def test_a_missing_resource_removes_its_arrow(gone: str, arrow: tuple[str, str], stacks: Stacks) -> None:
    assert arrow in _pairs(stacks)
    without: dict[str, Any] = copy.deepcopy(dict(stacks.templates))
    for template in without.values():
        template["Resources"] = {key: row for key, row in template["Resources"].items() if row["Type"] != gone}
    assert arrow not in _pairs(Stacks(without))


def test_a_right_that_is_taken_away_takes_its_arrow(stacks: Stacks) -> None:
    """Projectors publish the events of posts: the function that receives them has no right to publish."""
    assert ("post", "sns") not in _pairs(stacks)
    less: dict[str, Any] = copy.deepcopy(dict(stacks.templates))
    for template in less.values():
        for row in template["Resources"].values():
            for policy in row.get("Properties", {}).get("Policies", []) if row["Type"] == "AWS::IAM::Role" else []:
                document = policy["PolicyDocument"]
                document["Statement"] = [one for one in document["Statement"] if one["Action"] != "sns:Publish"]
    assert ("projectors", "sns") not in _pairs(Stacks(less))


def test_a_trigger_takes_a_function_to_its_box(stacks: Stacks) -> None:
    nodes = page.document(stacks.templates)["nodes"]
    assert nodes["asyncsns-indexer"] == "projectors"
    assert nodes["asyncsns-notifier"] == "consumer"
    assert nodes["asyncsns-realtime-fanout"] == "rtc-lambda"
    assert nodes["asyncsns-media-processor"] == "media-lambda"
    assert nodes["asyncsns-post-sweeper"] == "clock"


def test_no_account_id_is_in_the_file(embedded: Templates) -> None:
    """The file is public."""
    found = page.document(embedded.stacks)
    told = json.dumps([found["boxes"], found["arrows"]])
    assert "000000000000" not in told


def test_a_box_shows_configuration_code_and_cost(stacks: Stacks) -> None:
    box = page.document(stacks.templates)["boxes"]["projectors"]
    indexer = next(one for one in box["resources"] if one["name"] == "indexer")
    assert indexer["facts"]["reads posts"].startswith("batches of ")
    assert "services/search/handler.py" in box["code"]
    assert 0 < box["cost"]["Lambda"] < 1


def test_shares_of_the_bill_add_up_to_the_whole() -> None:
    shares = page.shares((ROOT / "docs" / "cost.md").read_text("utf-8"))
    assert 0.95 < sum(shares.values()) <= 1.001


def test_on_aws_the_public_diagram_has_no_settings_and_no_code(stacks: Stacks) -> None:
    found = page.document(stacks.templates, inside=False)
    rows = [row for box in found["boxes"].values() for row in box["resources"]]
    assert found["arrows"]
    assert rows
    assert all(row["facts"] == {} for row in rows)
    assert found["sources"] == {}
