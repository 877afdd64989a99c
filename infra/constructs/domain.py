"""A domain in Route 53: its certificate, its names for CloudFront, and the identity that its mails are sent by."""

from __future__ import annotations

from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from aws_cdk import aws_ses as ses

from infra.constructs.stack import AppStack


class Domain:
    """``name`` in the hosted zone that ``ASYNCSNS_HOSTED_ZONE_ID`` names. One for each stack."""

    def __init__(self, stack: AppStack, name: str, zone_id: str) -> None:
        self._stack, self.name = stack, name
        self._zone = route53.PublicHostedZone.from_public_hosted_zone_attributes(
            stack, "Zone", hosted_zone_id=zone_id, zone_name=name
        )

    @classmethod
    def of(cls, stack: AppStack) -> Domain | None:
        """None where the target has no domain, or its certificate was brought along."""
        name, zone_id = stack.target.domain_name, stack.target.hosted_zone_id
        return cls(stack, name, zone_id) if name and zone_id else None

    def certificate(self) -> acm.Certificate:
        """Validated by a record in the zone, and renewed by ACM as long as the record is there.

        https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
        """
        validation = acm.CertificateValidation.from_dns(self._zone)
        return acm.Certificate(self._stack, "Certificate", domain_name=self.name, validation=validation)

    def leads_to(self, distribution: cloudfront.Distribution) -> None:
        """``A`` and ``AAAA``, as aliases of the distribution.

        https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-to-cloudfront-distribution.html
        """
        alias = route53.RecordTarget.from_alias(targets.CloudFrontTarget(distribution))
        # With the dot at its end the name is whole, whatever the zone's own name is.
        name = f"{self.name}."
        route53.ARecord(self._stack, "ARecord", zone=self._zone, record_name=name, target=alias)
        route53.AaaaRecord(self._stack, "AaaaRecord", zone=self._zone, record_name=name, target=alias)

    def sends_mail(self) -> ses.EmailIdentity:
        """Verified by DKIM records in the zone.

        https://docs.aws.amazon.com/ses/latest/dg/creating-identities.html
        """
        identity = ses.Identity.public_hosted_zone(self._zone)
        return ses.EmailIdentity(self._stack, "MailIdentity", identity=identity)
