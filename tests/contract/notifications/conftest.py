"""The function that serves notifications and devices, composed for tests of pushes."""

from __future__ import annotations

import pytest

from services.notifications import handler as functions
from services.notifications.settings import NotificationApiSettings
from tests.support.aws import Aws


@pytest.fixture
def function_of_pushes(fresh: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """It accepts subscriptions of ``push.example.com`` only."""
    monkeypatch.setenv("PUSH_ALLOWED_HOSTS", "push.example.com")
    monkeypatch.setattr(functions, "handler", functions.handler.compose(NotificationApiSettings.read()))
