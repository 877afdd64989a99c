"""Athena over the access logs: Glue's tables, the questions as named queries, and the delivery of the HTTP API's log to
S3.

CloudFront writes its log to S3 itself. API Gateway writes to CloudWatch Logs, from where a subscription takes the lines
through Firehose into the same bucket. Not run on AWS yet.
"""

from __future__ import annotations

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_athena as athena
from aws_cdk import aws_glue as glue
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3

from infra.access_logs.dialects import Engine, query
from infra.access_logs.logs import CLOUDFRONT, GATEWAY, Log
from infra.access_logs.questions import QUESTIONS
from infra.constants import ACCESS_LOGS, ANALYSIS_BYTES, ANALYSIS_DATABASE, ATHENA_RESULTS, physical
from infra.constructs.stack import AppStack

#: Of the questions as they are saved; edit the number in Athena to look further back.
_HOURS: Final = 24
_ANSWERS_DAYS: Final = 7
_INPUT, _OUTPUT = (
    "org.apache.hadoop.mapred.TextInputFormat",
    "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
)
_TABS: Final = glue.CfnTable.SerdeInfoProperty(
    serialization_library="org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", parameters={"field.delim": "\t"}
)
_JSON: Final = glue.CfnTable.SerdeInfoProperty(
    serialization_library="org.openx.data.jsonserde.JsonSerDe", parameters={"case.insensitive": "true"}
)


class AccessLogQuestions:
    """Workgroup, database, tables and named queries."""

    def __init__(self, stack: AppStack) -> None:
        self._stack = stack
        self._bucket = f"{physical(ACCESS_LOGS)}-{stack.account}-{stack.region}"
        self._build_delivery()
        database = self._build_tables()
        group = self._build_workgroup()
        self._build_queries(group, database)

    def _build_workgroup(self) -> athena.CfnWorkGroup:
        answers = s3.Bucket(
            self._stack,
            "Answers",
            bucket_name=f"{physical(ATHENA_RESULTS)}-{self._stack.account}-{self._stack.region}",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[s3.LifecycleRule(id="forget", expiration=cdk.Duration.days(_ANSWERS_DAYS))],
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        group = athena.CfnWorkGroup
        return group(
            self._stack,
            "AnalysisGroup",
            name=physical(ACCESS_LOGS),
            description="Questions to the access logs of CloudFront and API Gateway",
            recursive_delete_option=True,
            work_group_configuration=group.WorkGroupConfigurationProperty(
                enforce_work_group_configuration=True,
                publish_cloud_watch_metrics_enabled=True,
                bytes_scanned_cutoff_per_query=ANALYSIS_BYTES,
                engine_version=group.EngineVersionProperty(selected_engine_version="Athena engine version 3"),
                result_configuration=group.ResultConfigurationProperty(
                    output_location=f"s3://{answers.bucket_name}/",
                    encryption_configuration=group.EncryptionConfigurationProperty(encryption_option="SSE_S3"),
                ),
            ),
        )

    def _build_tables(self) -> glue.CfnDatabase:
        database = glue.CfnDatabase(
            self._stack,
            "AnalysisDatabase",
            catalog_id=self._stack.account,
            database_input=glue.CfnDatabase.DatabaseInputProperty(name=ANALYSIS_DATABASE),
        )
        self._table(database, CLOUDFRONT, _TABS, {"skip.header.line.count": "2"})
        # Folders by day are computed from this row, so that nothing has to register them.
        # https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html
        by_day = {
            "projection.enabled": "true",
            "projection.day.type": "date",
            "projection.day.format": "yyyy/MM/dd",
            "projection.day.range": f"NOW-{self._stack.target.log_days}DAYS,NOW",
            "storage.location.template": f"s3://{self._bucket}/{GATEWAY.folder}/${{day}}",
        }
        self._table(database, GATEWAY, _JSON, by_day, by_day=True)
        return database

    def _table(
        self,
        database: glue.CfnDatabase,
        log: Log,
        serde: glue.CfnTable.SerdeInfoProperty,
        parameters: dict[str, str],
        *,
        by_day: bool = False,
    ) -> None:
        table, column = glue.CfnTable, glue.CfnTable.ColumnProperty
        made = table(
            self._stack,
            f"Table{log.folder.capitalize()}",
            catalog_id=self._stack.account,
            database_name=ANALYSIS_DATABASE,
            table_input=table.TableInputProperty(
                name=log.table,
                table_type="EXTERNAL_TABLE",
                parameters={"EXTERNAL": "TRUE", **parameters},
                partition_keys=[column(name="day", type="string")] if by_day else [],
                storage_descriptor=table.StorageDescriptorProperty(
                    columns=[column(name=name, type=kind) for name, kind in log.columns.items()],
                    location=f"s3://{self._bucket}/{log.folder}/",
                    input_format=_INPUT,
                    output_format=_OUTPUT,
                    serde_info=serde,
                ),
            ),
        )
        made.add_resource_dependency(database)

    def _build_queries(self, group: athena.CfnWorkGroup, database: glue.CfnDatabase) -> None:
        for question in QUESTIONS:
            saved = athena.CfnNamedQuery(
                self._stack,
                f"Question {question.name}",
                name=physical(question.name),
                description=question.en,
                database=ANALYSIS_DATABASE,
                work_group=physical(ACCESS_LOGS),
                query_string=query(question.name, Engine.ATHENA, hours=_HOURS),
            )
            saved.add_resource_dependency(group)
            saved.add_resource_dependency(database)

    def _build_delivery(self) -> None:
        """https://docs.aws.amazon.com/firehose/latest/dev/writing-with-cloudwatch-logs.html"""
        stream, name = self._delivery_stream(), physical("gateway-log")
        stack = self._stack
        arn = f"arn:{stack.partition}:firehose:{stack.region}:{stack.account}:deliverystream/{name}"
        hand_over = _statement(["firehose:PutRecord", "firehose:PutRecordBatch"], [arn])
        sender = iam.Role(
            self._stack,
            "GatewayLogSender",
            assumed_by=iam.ServicePrincipal(
                "logs.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": self._stack.account}}
            ),
            description="Hands lines of the HTTP API's access log to Firehose",
            inline_policies={"may": iam.PolicyDocument(statements=[hand_over])},
        )
        subscription = logs.CfnSubscriptionFilter(
            self._stack,
            "GatewayLogSubscription",
            log_group_name=f"/aws/apigateway/{physical('api')}",
            filter_name=physical("gateway-log"),
            filter_pattern="",
            destination_arn=stream.attr_arn,
            role_arn=sender.role_arn,
        )
        subscription.node.add_dependency(sender)

    def _delivery_stream(self) -> firehose.CfnDeliveryStream:
        arn = f"arn:{self._stack.partition}:s3:::{self._bucket}"
        folders = [f"{arn}/{GATEWAY.folder}/*", f"{arn}/{GATEWAY.folder}-failed/*"]
        writer = iam.Role(
            self._stack,
            "GatewayLogWriter",
            assumed_by=iam.ServicePrincipal(
                "firehose.amazonaws.com", conditions={"StringEquals": {"sts:ExternalId": self._stack.account}}
            ),
            description="Writes the HTTP API's access log into the log bucket",
            inline_policies={
                "may": iam.PolicyDocument(
                    statements=[
                        _statement(["s3:PutObject", "s3:AbortMultipartUpload"], folders),
                        _statement(["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], [arn]),
                    ]
                )
            },
        )
        stream = firehose.CfnDeliveryStream
        return stream(
            self._stack,
            "GatewayLogStream",
            delivery_stream_name=physical("gateway-log"),
            delivery_stream_type="DirectPut",
            delivery_stream_encryption_configuration_input=stream.DeliveryStreamEncryptionConfigurationInputProperty(
                key_type="AWS_OWNED_CMK"
            ),
            extended_s3_destination_configuration=stream.ExtendedS3DestinationConfigurationProperty(
                bucket_arn=arn,
                role_arn=writer.role_arn,
                prefix=f"{GATEWAY.folder}/!{{timestamp:yyyy/MM/dd}}/",
                error_output_prefix=f"{GATEWAY.folder}-failed/!{{firehose:error-output-type}}/!{{timestamp:yyyy/MM/dd}}/",
                compression_format="GZIP",
                buffering_hints=stream.BufferingHintsProperty(interval_in_seconds=300, size_in_m_bs=64),
                processing_configuration=stream.ProcessingConfigurationProperty(enabled=True, processors=_lines()),
            ),
        )


def _lines() -> list[firehose.CfnDeliveryStream.ProcessorProperty]:
    """CloudWatch Logs sends compressed batches with metadata; only the lines are kept."""
    stream = firehose.CfnDeliveryStream
    wanted: tuple[tuple[str, dict[str, str]], ...] = (
        ("Decompression", {"CompressionFormat": "GZIP"}),
        ("CloudWatchLogProcessing", {"DataMessageExtraction": "true"}),
        ("AppendDelimiterToRecord", {}),
    )
    return [
        stream.ProcessorProperty(
            type=kind,
            parameters=[
                stream.ProcessorParameterProperty(parameter_name=name, parameter_value=value)
                for name, value in parameters.items()
            ],
        )
        for kind, parameters in wanted
    ]


def _statement(actions: list[str], resources: list[str]) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=actions, resources=resources)
