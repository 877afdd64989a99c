"""A plan of LocalStack that lacks a service is named before anything is deployed."""

from __future__ import annotations

from typing import Any

from kit.deploy.localstack_plan import problem

SERVED = {"dynamodb": "running", "kinesis": "available", "opensearch": "available", "lambda": "disabled"}


def template(*types: str) -> dict[str, Any]:
    return {"Resources": {f"R{number}": {"Type": name} for number, name in enumerate(types)}}


def test_services_of_localstack_and_its_companion_are_accepted() -> None:
    of_both = template("AWS::DynamoDB::Table", "AWS::OpenSearchService::Domain", "AWS::Cognito::UserPool")
    others = template("AWS::Kinesis::Stream", "AWS::CDK::Metadata", "Custom::Thing")
    assert problem([of_both, others, {}], SERVED) is None


def test_services_that_the_plan_lacks_are_named_with_what_to_do() -> None:
    said = problem([template("AWS::SQS::Queue"), template("AWS::Lambda::Function", "AWS::DynamoDB::Table")], SERVED)
    assert said is not None
    assert "does not serve lambda, sqs: take a plan that has them, or leave LOCALSTACK_IMAGE" in said
    assert "\n" not in said
