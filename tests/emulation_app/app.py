"""A CDK app independent of this project: notes in a table, which the table's stream copies to a bucket."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_s3 as s3
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration

_CODE = str(Path(__file__).parent / "functions")


class NotesStack(cdk.Stack):
    """``POST /notes`` writes a note, ``GET /copies/{id}`` reads the copy that the stream's consumer made."""

    def __init__(self, scope: cdk.App) -> None:
        super().__init__(scope, "notes")
        bucket = s3.Bucket(self, "Copies")
        table = dynamodb.Table(
            self,
            "Notes",
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            stream=dynamodb.StreamViewType.NEW_IMAGE,
        )
        names = {"TABLE": table.table_name, "BUCKET": bucket.bucket_name}
        api, copier = (self._function(name, names) for name in ("api", "copier"))
        table.grant_write_data(api)
        bucket.grant_read(api)
        bucket.grant_put(copier)
        copier.add_event_source(
            event_sources.DynamoEventSource(table, starting_position=lambda_.StartingPosition.TRIM_HORIZON)
        )
        http = apigateway.HttpApi(self, "Http", default_integration=HttpLambdaIntegration("Function", api))
        cdk.CfnOutput(self, "ApiId", value=http.api_id)
        cdk.CfnOutput(self, "Bucket", value=bucket.bucket_name)

    def _function(self, name: str, environment: dict[str, str]) -> lambda_.Function:
        return lambda_.Function(
            self,
            name.title(),
            runtime=lambda_.Runtime.PYTHON_3_11,
            handler=f"{name}.handler",
            code=lambda_.Code.from_asset(_CODE),
            environment=environment,
            timeout=cdk.Duration.seconds(10),
        )


app = cdk.App()
NotesStack(app)
app.synth()
