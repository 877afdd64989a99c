"""The DynamoDB table of a context."""

from __future__ import annotations

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam

from infra.constants import APPEND_ONLY_TABLES, STREAMED_TABLES, TABLE_INDEXES, camel, physical
from infra.constructs.stack import AppStack

#: Actions that change or delete existing items.
CHANGES = tuple(
    f"dynamodb:{action}" for action in ("UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLUpdate", "PartiQLDelete")
)


class ContextTable:
    """``pk``/``sk``/``ttl``, on demand, point-in-time recovery; indexes and stream as ``constants`` says."""

    def __init__(self, stack: AppStack, name: str) -> None:
        self.name = name
        self.indexes = [f"gsi{number}" for number in range(1, TABLE_INDEXES[name] + 1)]
        self.table = self._build(stack)
        for index in self.indexes:
            self.table.add_global_secondary_index(
                index_name=index,
                partition_key=_text(f"{index}pk"),
                sort_key=_text(f"{index}sk"),
                projection_type=dynamodb.ProjectionType.ALL,
            )
        stack.output(f"Table{camel(name)}", self.table.table_name)
        if name in STREAMED_TABLES:
            stack.output(f"Table{camel(name)}Stream", self.stream_arn)

    def _build(self, stack: AppStack) -> dynamodb.Table:
        streamed = self.name in STREAMED_TABLES
        return dynamodb.Table(
            stack,
            f"Table{camel(self.name)}Resource",
            table_name=physical(self.name),
            partition_key=_text("pk"),
            sort_key=_text("sk"),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute="ttl",
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES if streamed else None,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=stack.keeps_data,
            resource_policy=None if stack.target.emulated else self._policy(stack),
            removal_policy=stack.removal_policy,
        )

    def _policy(self, stack: AppStack) -> iam.PolicyDocument | None:
        """On AWS the table itself denies changes to every principal; no emulator evaluates these policies.

        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/access-control-resource-based.html
        """
        if self.name not in APPEND_ONLY_TABLES:
            return None
        arn = f"arn:{stack.partition}:dynamodb:{stack.region}:{stack.account}:table/{physical(self.name)}"
        denied = iam.PolicyStatement(
            effect=iam.Effect.DENY, principals=[iam.AnyPrincipal()], actions=list(CHANGES), resources=[arn]
        )
        return iam.PolicyDocument(statements=[denied])

    @property
    def environment(self) -> dict[str, str]:
        return {f"TABLE_{self.name.upper()}": self.table.table_name}

    @property
    def arn(self) -> str:
        return self.table.table_arn

    @property
    def index_arns(self) -> list[str]:
        return [f"{self.arn}/index/{index}" for index in self.indexes]

    @property
    def stream_arn(self) -> str:
        arn = self.table.table_stream_arn
        if arn is None:
            raise ValueError(f"table {self.name}: expected a stream, add it to STREAMED_TABLES")
        return arn


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
