"""Resource types that an emulator's CloudFormation refuses, and what that means there.

MiniStack checks a whole template before it creates anything: one refused type would stop the stack. A stack asks
``AppStack.supports`` before it makes one of these; ``tests/infra`` keeps the list and the templates in step.
"""

from __future__ import annotations

from typing import Final

REFUSED: Final[dict[str, dict[str, str]]] = {
    "ministack": {
        "AWS::CloudFront::PublicKey": "made by the finish step through the CloudFront API",
        "AWS::CloudFront::KeyGroup": "made by the finish step through the CloudFront API; the edge checks signatures",
        "AWS::CloudFront::MonitoringSubscription": "no CloudFront metrics locally; the edge writes an access log",
        "AWS::CloudWatch::CompositeAlarm": "the alarms that it combines are there",
        "AWS::Logs::QueryDefinition": "the console searches logs itself",
        "AWS::XRay::Group": "no X-Ray API; the console collects traces and filters them itself",
        "AWS::XRay::SamplingRule": "no X-Ray API; every request is traced",
    },
    "localstack": {},
}


def refusal(emulator: str | None, cfn_type: str) -> str | None:
    """Why ``emulator`` (none: AWS) does not take ``cfn_type``, or nothing when it does."""
    return REFUSED.get(emulator or "", {}).get(cfn_type)
