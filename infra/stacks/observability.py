"""CloudWatch and X-Ray: metrics, alarms, and dashboards."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_xray as xray
from constructs import Construct

from infra.constants import ACCOUNT_CONCURRENCY, WEBSOCKET_STAGE, physical
from infra.constructs.access_logs import AccessLogQuestions
from infra.constructs.alarms import Alarm, alarms_of_lambda, alarms_of_search, make_alarms
from infra.constructs.dashboard import dashboard_body
from infra.constructs.stack import AppStack
from infra.constructs.tables import ContextTable
from infra.targets import Target

_QUERY = """fields @timestamp, service, message, xray_trace_id, exception
| filter level in ["ERROR", "CRITICAL"]
| sort @timestamp desc
| limit 100"""


@dataclass(frozen=True)
class Watched:
    """Names (not references: they never change) of measured resources, and the ids of the APIs."""

    functions: list[str]
    stream_consumers: list[str]
    failure_queues: list[str]
    queues: list[str]
    #: table → its indexes
    tables: dict[str, list[str]]
    http_api: str
    socket_api: str
    distribution: str

    @classmethod
    def of(
        cls,
        stacks: Iterable[AppStack],
        tables: Mapping[str, ContextTable],
        *,
        http_api: str,
        socket_api: str,
        distribution: str,
    ) -> Watched:
        stacks = list(stacks)
        return cls(
            functions=sorted(name for stack in stacks for name in stack.functions_made),
            stream_consumers=sorted(name for stack in stacks for name in stack.stream_consumers_made),
            failure_queues=sorted(name for stack in stacks for name in stack.failure_queues_made),
            queues=sorted(name for stack in stacks for name in stack.queues_made),
            tables={physical(name): tables[name].indexes for name in sorted(tables)},
            http_api=http_api,
            socket_api=socket_api,
            distribution=distribution,
        )


class ObservabilityStack(AppStack):
    """Every alarm publishes to the topic ``asyncsns-ops``; on AWS ``ASYNCSNS_OPS_EMAIL`` subscribes a person."""

    def __init__(self, scope: Construct, target: Target, watched: Watched) -> None:
        super().__init__(scope, "observability", target)
        self._watched = watched
        self.topic = self._build_topic()
        self.alarms = make_alarms(self, self._alarms(), self.topic)
        self._build_dashboard()
        self._build_composite()
        self._build_tracing()
        self._build_queries()
        if self.supports("AWS::Athena::NamedQuery"):
            AccessLogQuestions(self)
        self._build_budget()
        self.output("TopicOps", self.topic.topic_arn)

    def _build_topic(self) -> sns.Topic:
        topic = sns.Topic(self, "Ops", topic_name=physical("ops"), enforce_ssl=not self.target.emulated)
        for sid, service in (("AlarmsPublish", "cloudwatch"), ("BudgetsPublish", "budgets")):
            topic.add_to_resource_policy(
                iam.PolicyStatement(
                    sid=sid,
                    actions=["sns:Publish"],
                    principals=[iam.ServicePrincipal(f"{service}.amazonaws.com")],
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
        return [
            *(Alarm.function_errors(name) for name in seen.functions),
            *(Alarm.iterator_age(name) for name in seen.stream_consumers),
            *(Alarm.message_waits(name) for name in seen.failure_queues),
            *(Alarm.message_is_old(name) for name in seen.queues),
            *(Alarm.write_throttled(name) for name in seen.tables),
            *(Alarm.write_throttled(name, index) for name, indexes in seen.tables.items() for index in indexes),
            *alarms_of_lambda(ACCOUNT_CONCURRENCY),
            *alarms_of_search(self.account),
            *self._alarms_of_the_front(),
        ]

    def _alarms_of_the_front(self) -> list[Alarm]:
        seen = self._watched
        http, sockets = {"ApiId": seen.http_api}, {"ApiId": seen.socket_api, "Stage": WEBSOCKET_STAGE}
        frames = {"StreamName": physical("realtime")}
        pages = {"DistributionId": seen.distribution, "Region": "Global"}
        return [
            Alarm("api-5xx", "AWS/ApiGateway", "5xx", http, 5, "Sum", 1, "The HTTP API answers 5xx.", "api-fails"),
            Alarm("api-slow", "AWS/ApiGateway", "Latency", http, 1000, "p95", 5, "The HTTP API is slow.", "api-slow"),
            Alarm("sockets-failing", "AWS/ApiGateway", "IntegrationError", sockets, 5, "Sum", 1,
                  "Actions of sockets fail.", "api-fails"),
            Alarm("frames-throttled", "AWS/Kinesis", "WriteProvisionedThroughputExceeded", frames, 1, "Sum", 1,
                  "The stream of frames has too few shards.", "late-consumer"),
            Alarm("pages-5xx", "AWS/CloudFront", "5xxErrorRate", pages, 5, "Average", 5,
                  "More than 5 % of CloudFront's answers are 5xx.", "api-fails"),
        ]  # fmt: skip

    def _build_dashboard(self) -> None:
        seen = self._watched
        body = dashboard_body(
            self.region,
            functions=seen.functions,
            stream_consumers=seen.stream_consumers,
            failure_queues=seen.failure_queues,
            tables=list(seen.tables),
            http_api=seen.http_api,
            socket_api=seen.socket_api,
        )
        dashboard = cloudwatch.CfnDashboard(
            self, "Overview", dashboard_name=physical("overview"), dashboard_body=self.to_json_string(body)
        )
        self.output("DashboardName", dashboard.ref)

    def _build_composite(self) -> None:
        """One composite alarm for the health of the system: user-visible alarms, without those that only concern
        engineers."""
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
        """A sampling rule, and a group of failed and slow traces."""
        if self.supports("AWS::XRay::SamplingRule"):
            xray.CfnSamplingRule(self, "Sampling", sampling_rule=_sampling(self.target.stage.traced_share))
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

    def _build_budget(self) -> None:
        """Notifies the operators' topic at 80 % of the month's budget, and when the forecast exceeds it.

        https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
        """
        if not self.supports("AWS::Budgets::Budget"):
            return
        limit = os.environ.get("ASYNCSNS_MONTHLY_BUDGET_USD") or self.target.stage.budget_usd
        budget = budgets.CfnBudget
        told = [budget.SubscriberProperty(subscription_type="SNS", address=self.topic.topic_arn)]
        warnings = [
            budget.NotificationWithSubscribersProperty(
                notification=budget.NotificationProperty(
                    comparison_operator="GREATER_THAN", notification_type=kind, threshold=share
                ),
                subscribers=told,
            )
            for kind, share in (("ACTUAL", 80), ("FORECASTED", 100))
        ]
        data = budget.BudgetDataProperty(
            budget_name=physical("monthly"),
            budget_type="COST",
            time_unit="MONTHLY",
            budget_limit=budget.SpendProperty(amount=float(limit), unit="USD"),
        )
        made = budget(self, "Budget", budget=data, notifications_with_subscribers=warnings)
        made.node.add_dependency(self.topic)


def _sampling(share: float) -> xray.CfnSamplingRule.SamplingRuleProperty:
    """One request a second and a share of the rest.

    https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html
    """
    return xray.CfnSamplingRule.SamplingRuleProperty(
        rule_name=physical("all"),
        priority=1000,
        reservoir_size=1,
        fixed_rate=share,
        host="*",
        http_method="*",
        resource_arn="*",
        service_name="*",
        service_type="*",
        url_path="*",
        version=1,
    )
