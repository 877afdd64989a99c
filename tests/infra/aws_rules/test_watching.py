"""Rules of CloudWatch, X-Ray, EventBridge and Systems Manager."""

from __future__ import annotations

import json
import re

from tests.infra.templates import Templates


def test_alarms_have_unique_names_and_stay_within_their_limits(plain: Templates) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""
    rows = plain.resources("AWS::CloudWatch::Alarm").values()
    names = [row["AlarmName"] for row in rows]
    assert len(names) == len(set(names))
    for row in rows:
        assert len(row["AlarmName"]) <= 255
        assert len(row["AlarmDescription"]) <= 1_024
        assert row["Period"] * row["EvaluationPeriods"] <= 86_400
        assert ("Statistic" in row) is not ("ExtendedStatistic" in row)
        assert len(row["AlarmActions"]) <= 5


def test_a_composite_alarm_has_at_most_100_alarms(plain: Templates) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html"""
    for row in plain.resources("AWS::CloudWatch::CompositeAlarm").values():
        assert len(row["AlarmRule"]) <= 10_240
        assert 1 <= row["AlarmRule"].count("ALARM(") <= 100


def test_a_dashboard_stays_within_the_limits_of_cloudwatch(plain: Templates) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html: 500 metrics in a widget,
    2,500 in a dashboard"""
    for row in plain.resources("AWS::CloudWatch::Dashboard").values():
        widgets = json.loads(row["DashboardBody"])["widgets"]
        metrics = [len(widget["properties"].get("metrics", ())) for widget in widgets]
        assert len(widgets) <= 500
        assert max(metrics) <= 500
        assert sum(metrics) <= 2_500


def test_a_saved_query_asks_fifty_log_groups_at_most(plain: Templates) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html"""
    for row in plain.resources("AWS::Logs::QueryDefinition").values():
        assert len(row["LogGroupNames"]) <= 50
        assert len(row["QueryString"]) <= 10_000


def test_log_groups_have_a_retention_time(plain: Templates) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""
    taken = {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
    for key, row in plain.resources("AWS::Logs::LogGroup").items():
        assert row.get("RetentionInDays") in taken, key


def test_names_of_groups_and_sampling_rules_fit_x_ray(plain: Templates) -> None:
    """https://docs.aws.amazon.com/xray/latest/api/API_SamplingRule.html, API_CreateGroup.html: 32 characters"""
    names = [row["GroupName"] for row in plain.resources("AWS::XRay::Group").values()]
    names += [row["SamplingRule"]["RuleName"] for row in plain.resources("AWS::XRay::SamplingRule").values()]
    assert names
    assert all(1 <= len(name) <= 32 for name in names), names


def test_a_rule_has_five_targets_at_most(plain: Templates) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"""
    for row in plain.resources("AWS::Events::Rule").values():
        assert 1 <= len(row["Targets"]) <= 5


def test_parameters_have_valid_names_and_sizes(plain: Templates) -> None:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html"""
    for row in plain.resources("AWS::SSM::Parameter").values():
        assert re.fullmatch(r"(/[a-zA-Z0-9_.-]+){1,15}", row["Name"])
        assert not re.match(r"/(aws|ssm)", row["Name"], re.IGNORECASE)
        assert len(str(row["Value"])) <= 4_096


def test_one_budget_warns(plain: Templates) -> None:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_CreateBudget.html: five
    notifications, each with a topic at most"""
    (row,) = plain.resources("AWS::Budgets::Budget").values()
    warnings = row["NotificationsWithSubscribers"]
    assert 1 <= len(warnings) <= 5
    for warning in warnings:
        assert len([one for one in warning["Subscribers"] if one["SubscriptionType"] == "SNS"]) == 1
