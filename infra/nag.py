"""Findings of cdk-nag's AWS Solutions rules that are accepted, each with its reason.

``tests/infra/test_nag.py`` fails on a finding that is not here, and on an entry without a finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final


@dataclass(frozen=True)
class Accepted:
    """``rule`` and ``construct`` (a construct path) are patterns of ``fnmatch``, with ``[`` taken literally."""

    rule: str
    construct: str
    reason: str

    def covers(self, rule: str, construct: str) -> bool:
        return _matches(rule, f"AwsSolutions-{self.rule}") and _matches(construct, self.construct)


def _matches(text: str, pattern: str) -> bool:
    return fnmatchcase(text, pattern.replace("[", "[[]"))


ACCEPTED: Final[tuple[Accepted, ...]] = (
    Accepted(
        "COG1",
        "asyncsns-auth/UserPool/*",
        "Ten characters of three kinds; NIST SP 800-63B advises length over symbols.",
    ),
    Accepted(
        "IAM4[Policy::*AmazonAPIGatewayPushToCloudWatchLogs]",
        "asyncsns-realtime/ApiGatewayLogs/*",
        "API Gateway asks for the rights of this policy for its own log groups; their names are the service's.",
    ),
    Accepted(
        "IAM4[Policy::*AWSCodeDeployRoleForLambdaLimited]",
        "asyncsns-*/RolloutRole/*",
        "CodeDeploy asks for the rights of this policy to move aliases and read alarms.",
    ),
    Accepted("COG2", "asyncsns-auth/UserPool/*", "A social network's users are asked for a password only."),
    Accepted("COG8", "asyncsns-auth/UserPool/*", "The plus tier costs per user; groups and SRP are in the tier below."),
    Accepted(
        "IAM5*",
        "asyncsns-access/*",
        "A deployment makes resources of every kind below one prefix; the table of rights bounds and tests it.",
    ),
    Accepted(
        "IAM5*",
        "asyncsns-auth/Role-*/*",
        "Rows of the table of rights: resources below one prefix, and actions that AWS gives no resource.",
    ),
    Accepted(
        "IAM5[Resource::*]", "asyncsns-*/Role*", "xray:PutTraceSegments and dynamodb:ListStreams have no resources."
    ),
    Accepted("IAM5[Resource::<Logs*.Arn>:*]", "asyncsns-*/Role*", "Log streams of the function's own log group."),
    Accepted(
        "IAM5[Resource::arn:aws:s3:::asyncsns-media-*/uploads/*]",
        "asyncsns-*/Role*",
        "Objects below one prefix: their keys are made at run time.",
    ),
    Accepted(
        "IAM5[Resource::arn:aws:s3:::asyncsns-media-*/media/*]",
        "asyncsns-*/Role*",
        "Objects below one prefix: their keys are made at run time.",
    ),
    Accepted(
        "IAM5[Resource::arn:aws:execute-api:*/live/*/@connections/*]",
        "asyncsns-*/Role*",
        "Connections of one stage: their ids are made at run time.",
    ),
    Accepted(
        "IAM5[Resource::*Domain*/*]",
        "asyncsns-*/Role*",
        "Indexes of one domain: OpenSearch's API has paths, not resources.",
    ),
    Accepted("SQS3", "asyncsns-*/Queue*FailuresResource/*", "It is itself what a failed record goes to."),
    Accepted("L1", "asyncsns-*/Function*", "The layers' wheels are for Python 3.12; both are raised together."),
    Accepted("S1", "asyncsns-observability/Answers/*", "Athena's answers for a week; who asked what is in CloudTrail."),
    Accepted(
        "IAM5[Resource::arn:*:s3:::asyncsns-access-logs-*]",
        "asyncsns-observability/GatewayLogWriter/*",
        "Objects below two prefixes of the log bucket: Firehose names them.",
    ),
    Accepted("S1", "asyncsns-edge/AccessLogs/*", "It holds the access logs."),
    Accepted("S1", "asyncsns-*/*BucketResource/*", "Reached through CloudFront, which writes an access log."),
    Accepted("S10", "asyncsns-media/MediaBucketResource/*", "The edge stack's policy refuses plain HTTP."),
    Accepted("APIG4", "asyncsns-realtime/Route *", "A WebSocket API is authorized at $connect, once per connection."),
    Accepted("APIG4", "asyncsns-api/Route GET _v1_status", "Says only that the system is up."),
    Accepted("OS1", "asyncsns-search/Domain", "Functions are in no VPC; every request is signed and checked by IAM."),
    Accepted("OS3", "asyncsns-search/Domain", "Lambda has no fixed addresses; every request is signed."),
    Accepted("OS4", "asyncsns-search/Domain", "One small node to begin with: a projection that can be rebuilt."),
    Accepted("OS7", "asyncsns-search/Domain", "One small node to begin with: a projection that can be rebuilt."),
    Accepted("CFR1", "asyncsns-edge/Distribution/*", "People anywhere may take part."),
    Accepted("CFR4", "asyncsns-edge/Distribution/*", "Holds with a domain and certificate; *.cloudfront.net has none."),
)
