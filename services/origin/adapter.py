"""The origin secret in Secrets Manager, and the header of the distribution that sends it."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from services.common.aws import client
from services.common.entry.origin import CURRENT, HEADER, PENDING


class StoredSecret:
    """Versions of one secret."""

    def __init__(self, secret_id: str) -> None:
        self._id = secret_id

    def stages(self, version: str) -> list[str]:
        return list(self._versions().get(version, ()))

    def pending(self, version: str) -> str | None:
        asked = {"SecretId": self._id, "VersionId": version, "VersionStage": PENDING}
        try:
            return str(client("secretsmanager").get_secret_value(**asked)["SecretString"])
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return None
            raise

    def propose(self, version: str, value: str) -> None:
        client("secretsmanager").put_secret_value(
            SecretId=self._id, ClientRequestToken=version, SecretString=value, VersionStages=[PENDING]
        )

    def finish(self, version: str) -> None:
        """Secrets Manager itself labels the one that was current ``AWSPREVIOUS``."""
        (current,) = (one for one, stages in self._versions().items() if CURRENT in stages)
        client("secretsmanager").update_secret_version_stage(
            SecretId=self._id, VersionStage=CURRENT, MoveToVersionId=version, RemoveFromVersionId=current
        )
        client("secretsmanager").update_secret_version_stage(
            SecretId=self._id, VersionStage=PENDING, RemoveFromVersionId=version
        )

    def _versions(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = client("secretsmanager").describe_secret(SecretId=self._id)["VersionIdsToStages"]
        return found


class DistributionHeader:
    """The custom header of all origins that have it."""

    def __init__(self, distribution_id: str) -> None:
        self._id = distribution_id

    def values(self) -> set[str]:
        return {one["HeaderValue"] for one in _headers(self._read()["DistributionConfig"])}

    def send(self, value: str) -> None:
        """Raises: LookupError: no origin has the header."""
        answer = self._read()
        config = answer["DistributionConfig"]
        found = _headers(config)
        if not found:
            raise LookupError(f"distribution {self._id}: expected an origin with the header {HEADER}, got none")
        if all(one["HeaderValue"] == value for one in found):
            return
        for one in found:
            one["HeaderValue"] = value
        client("cloudfront").update_distribution(Id=self._id, IfMatch=answer["ETag"], DistributionConfig=config)

    def _read(self) -> dict[str, Any]:
        answer: dict[str, Any] = client("cloudfront").get_distribution_config(Id=self._id)
        return answer


def _headers(config: dict[str, Any]) -> list[dict[str, str]]:
    origins = config["Origins"]["Items"]
    headers = (one for origin in origins for one in origin.get("CustomHeaders", {}).get("Items", []))
    return [one for one in headers if one["HeaderName"].lower() == HEADER]
