"""Settings of mails."""

from __future__ import annotations

from services.common.settings import FunctionSettings


class MailSettings(FunctionSettings):
    """The words need no settings."""
