"""CloudWatch and X-Ray: what is measured, what rings, and what to look at then."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_xray as xray
from constructs import Construct

from infra.constants import WEBSOCKET_STAGE, physical
from infra.constructs.alarms import Alarm, make_alarms
from infra.constructs.dashboard import dashboard_body
from infra.constructs.stack import AppStack
from infra.constructs.tables import ContextTable
from infra.targets import Target

_QUERY = """fields @timestamp, service, message, xray_trace_id, exception
| filter level in ["ERROR", "CRITICAL"]
| sort @timestamp desc
| limit 100"""
_TRACED_SHARE = 0.1


@dataclass(frozen=True)
class Watched:
    """Names (not references: they never change) of what is measured, and the ids of the APIs."""

    functions: list[str]
    stream_consumers: list[str]
    failure_queues: list[str]
    tables: list[str]
    http_api: str
    socket_api: str

    @classmethod
    def of(
        cls, stacks: Iterable[AppStack], tables: Mapping[str, ContextTable], *, http_api: str, socket_api: str
    ) -> Watched:
        stacks = list(stacks)
        return cls(
            functions=sorted(name for stack in stacks for name in stack.functions_made),
            stream_consumers=sorted(name for stack in stacks for name in stack.stream_consumers_made),
            failure_queues=sorted(name for stack in stacks for name in stack.failure_queues_made),
            tables=sorted(physical(name) for name in tables),
            http_api=http_api,
            socket_api=socket_api,
        )


class ObservabilityStack(AppStack):
    """Every alarm tells the topic ``asyncsns-ops``; on AWS ``ASYNCSNS_OPS_EMAIL`` subscribes a person."""

    def __init__(self, scope: Construct, target: Target, watched: Watched) -> None:
        super().__init__(scope, "observability", target)
        self._watched = watched
        self.topic = self._build_topic()
        self.alarms = make_alarms(self, self._alarms(), self.topic)
        self._build_dashboard()
        self._build_composite()
        self._build_tracing()
        self._build_queries()
        self.output("TopicOps", self.topic.topic_arn)

    def _build_topic(self) -> sns.Topic:
        topic = sns.Topic(self, "Ops", topic_name=physical("ops"), enforce_ssl=not self.target.emulated)
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsPublish",
                actions=["sns:Publish"],
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            )
        )
        email = os.environ.get("ASYNCSNS_OPS_EMAIL")
        if email and not self.target.emulated:
            topic.add_subscription(subscriptions.EmailSubscription(email))
        return topic

    def _alarms(self) -> list[Alarm]:
        seen = self._watched
        sockets = {"ApiId": seen.socket_api, "Stage": WEBSOCKET_STAGE}
        http = {"ApiId": seen.http_api}
        search = {"DomainName": physical("search"), "ClientId": self.account}
        return [
            *(Alarm.function_errors(name) for name in seen.functions),
            *(Alarm.iterator_age(name) for name in seen.stream_consumers),
            *(Alarm.message_waits(name) for name in seen.failure_queues),
            *(Alarm.write_throttled(name) for name in seen.tables),
            Alarm("api-5xx", "AWS/ApiGateway", "5xx", http, threshold=5, text="The HTTP API answers 5xx."),
            Alarm("api-slow", "AWS/ApiGateway", "Latency", http, threshold=1000, statistic="p95", minutes=5),
            Alarm("sockets-failing", "AWS/ApiGateway", "IntegrationError", sockets, threshold=5),
            Alarm("search-red", "AWS/ES", "ClusterStatus.red", search, threshold=1, statistic="Maximum"),
        ]

    def _build_dashboard(self) -> None:
        seen = self._watched
        body = dashboard_body(
            self.region,
            functions=seen.functions,
            stream_consumers=seen.stream_consumers,
            failure_queues=seen.failure_queues,
            tables=seen.tables,
            http_api=seen.http_api,
            socket_api=seen.socket_api,
        )
        dashboard = cloudwatch.CfnDashboard(
            self, "Overview", dashboard_name=physical("overview"), dashboard_body=self.to_json_string(body)
        )
        self.output("DashboardName", dashboard.ref)

    def _build_composite(self) -> None:
        """One state for "is it well?": what people feel, without what only engineers do."""
        if not self.supports("AWS::CloudWatch::CompositeAlarm"):
            return
        felt = [alarm for name, alarm in self.alarms.items() if name in ("api-5xx", "api-slow", "sockets-failing")]
        cloudwatch.CfnCompositeAlarm(
            self,
            "Unwell",
            alarm_name=physical("unwell"),
            alarm_rule=" OR ".join(f'ALARM("{alarm.ref}")' for alarm in felt),
            alarm_actions=[self.topic.topic_arn],
        )

    def _build_tracing(self) -> None:
        """A sampling rule, and a group for what fails or is slow."""
        if self.supports("AWS::XRay::SamplingRule"):
            xray.CfnSamplingRule(self, "Sampling", sampling_rule=_sampling())
        if self.supports("AWS::XRay::Group"):
            xray.CfnGroup(
                self,
                "FailingOrSlow",
                group_name=physical("failing-or-slow"),
                filter_expression="fault = true OR error = true OR responsetime > 1",
            )

    def _build_queries(self) -> None:
        if self.supports("AWS::Logs::QueryDefinition"):
            groups = [f"/aws/lambda/{name}" for name in self._watched.functions]
            logs.CfnQueryDefinition(
                self, "Errors", name=f"{physical('errors')}", query_string=_QUERY, log_group_names=groups
            )


def _sampling() -> xray.CfnSamplingRule.SamplingRuleProperty:
    """One request a second and a tenth of the rest.

    https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html
    """
    return xray.CfnSamplingRule.SamplingRuleProperty(
        rule_name=physical("all"),
        priority=1000,
        reservoir_size=1,
        fixed_rate=_TRACED_SHARE,
        host="*",
        http_method="*",
        resource_arn="*",
        service_name="*",
        service_type="*",
        url_path="*",
        version=1,
    )
