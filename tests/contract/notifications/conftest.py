"""The function that serves notifications and devices, as tests of pushes call it."""

from __future__ import annotations

import pytest

from services.notifications import handler as functions
from services.notifications.settings import NotificationApiSettings
from tests.support.aws import Aws


@pytest.fixture
def function_of_pushes(fresh: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes subscriptions of ``push.example.com`` alone."""
    monkeypatch.setenv("PUSH_ALLOWED_HOSTS", "push.example.com")
    monkeypatch.setattr(functions, "handler", functions.handler.compose(NotificationApiSettings.read()))
