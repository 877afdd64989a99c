"""The key that signs pushes is a secret that can be rotated while functions run."""

from __future__ import annotations

import json

from services.notifications.adapter import WebPush
from services.notifications.handler import build_browsers
from services.notifications.settings import BrowserSettings
from tests.support.aws import Aws


def test_pushes_are_signed_by_the_key_of_the_secret(fresh: Aws) -> None:
    name = BrowserSettings.read().vapid_secret
    fresh.client("secretsmanager").create_secret(Name=name, SecretString=json.dumps({"private": "d", "public": "Q"}))
    sender = build_browsers(BrowserSettings.read()).sender
    assert isinstance(sender, WebPush)
    assert sender.private_key() == "d"
