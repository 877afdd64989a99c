"""A custom domain: certificate, names and mails; the environment variables are used together or refused."""

from __future__ import annotations

import pytest

from infra.targets import AWS, target_of
from tests.infra.templates import Templates, text


def test_the_certificate_is_created_for_cloudfront(with_options: Templates) -> None:
    """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html"""
    ((key, row),) = with_options.resources("AWS::CertificateManager::Certificate").items()
    assert row["DomainName"] == "social.example.com"
    assert row["ValidationMethod"] == "DNS"
    assert row["DomainValidationOptions"][0]["HostedZoneId"] == "Z0EXAMPLE"
    (distribution,) = with_options.resources("AWS::CloudFront::Distribution").values()
    config = distribution["DistributionConfig"]
    assert config["Aliases"] == ["social.example.com"]
    assert config["ViewerCertificate"]["AcmCertificateArn"] == {"Ref": key.partition("/")[2]}
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"


def test_the_domain_leads_to_the_distribution(with_options: Templates) -> None:
    rows = with_options.resources("AWS::Route53::RecordSet").values()
    aliases = {row["Type"]: row for row in rows if "AliasTarget" in row}
    assert set(aliases) == {"A", "AAAA"}
    for row in aliases.values():
        assert (row["Name"], row["HostedZoneId"]) == ("social.example.com.", "Z0EXAMPLE")
        assert "Distribution" in text(row["AliasTarget"])


def test_mails_go_out_by_ses_under_the_domain(with_options: Templates) -> None:
    (pool,) = with_options.resources("AWS::Cognito::UserPool").values()
    assert pool["EmailConfiguration"]["EmailSendingAccount"] == "DEVELOPER"
    assert "no-reply@social.example.com" in pool["EmailConfiguration"]["From"]
    assert "identity/social.example.com" in text(pool["EmailConfiguration"]["SourceArn"])
    (identity,) = with_options.resources("AWS::SES::EmailIdentity").values()
    assert identity["EmailIdentity"] == "social.example.com"


def test_without_a_domain_cognito_sends_and_cloudfront_has_its_own_name(aws: Templates) -> None:
    (pool,) = aws.resources("AWS::Cognito::UserPool").values()
    assert "EmailConfiguration" not in pool
    (distribution,) = aws.resources("AWS::CloudFront::Distribution").values()
    assert "Aliases" not in distribution["DistributionConfig"]


@pytest.mark.parametrize(
    "environment",
    [
        {"ASYNCSNS_DOMAIN": "social.example.com"},
        {"ASYNCSNS_HOSTED_ZONE_ID": "Z0EXAMPLE"},
        {"ASYNCSNS_CERTIFICATE_ARN": "arn:aws:acm:us-east-1:111122223333:certificate/x"},
    ],
)
def test_half_of_a_domain_is_refused(environment: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="ASYNCSNS_DOMAIN: expected together with"):
        target_of(AWS, None, environment)


def test_a_sender_is_an_address() -> None:
    with pytest.raises(ValueError, match="ASYNCSNS_MAIL_FROM: expected an address"):
        target_of(AWS, None, {"ASYNCSNS_MAIL_FROM": "somebody"})
