"""Lambda entry point: Secrets Manager calls it for each step of a rotation."""

from __future__ import annotations

from typing import Any

from services.common.entry import Event, Handler, entry_point, event_handler
from services.origin.adapter import DistributionHeader, StoredSecret
from services.origin.rotation import Rotation
from services.origin.settings import RotationSettings


@entry_point(RotationSettings)
def rotation(settings: RotationSettings) -> Handler:
    header = DistributionHeader(settings.distribution_id)

    def run(event: Event, _: Any) -> None:
        Rotation(StoredSecret(event["SecretId"]), header).run(event["Step"], event["ClientRequestToken"])

    return event_handler("origin secret rotation", run)
