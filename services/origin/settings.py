"""Settings of the function that rotates the origin secret."""

from __future__ import annotations

from services.common.settings import FunctionSettings


class RotationSettings(FunctionSettings):
    """The distribution whose origin sends the secret."""

    distribution_id: str
