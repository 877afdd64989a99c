"""Amazon Cognito Developer Guide, "Custom message Lambda trigger"."""

from __future__ import annotations

from typing import Any

import pytest

from services.mails.handler import write
from services.mails.model import LANGUAGES, SOURCES, Purpose, language_of, mail


def _event(source: str, metadata: dict[str, str] | None = None, **attributes: str) -> dict[str, Any]:
    return {
        "triggerSource": source,
        "request": {
            "codeParameter": "{####}",
            "usernameParameter": "{username}",
            "clientMetadata": metadata,
            "userAttributes": attributes,
        },
        "response": {"smsMessage": None, "emailMessage": None, "emailSubject": None},
    }


def test_each_mail_says_what_its_code_is_for() -> None:
    subjects = set()
    for language in LANGUAGES:
        for purpose in Purpose:
            written = mail(purpose, language, "{####}", "{username}")
            subjects.add(written.subject)
            assert written.text.count("{####}") == 1
            assert ("{username}" in written.text) == (purpose is Purpose.INVITATION)
            # Cognito's quotas: 140 characters for the subject, 20,000 for the text.
            assert len(written.subject) <= 140
    assert len(subjects) == len(LANGUAGES) * len(Purpose)


@pytest.mark.parametrize(
    ("metadata", "attributes", "language"),
    [
        ({"language": "ja"}, {"locale": "en"}, "ja"),
        ({}, {"locale": "ja-JP"}, "ja"),
        ({}, {"locale": "en_US"}, "en"),
        ({"language": "fr"}, {"locale": "en"}, "en"),
        ({"language": ""}, {}, None),
        ({}, {"locale": "jav"}, None),
    ],
)
def test_the_language_of_the_page_takes_precedence(metadata: Any, attributes: Any, language: str | None) -> None:
    assert language_of(metadata, attributes) == language


def test_a_mail_in_an_unknown_language_has_a_paragraph_in_each() -> None:
    one_by_one = [mail(Purpose.SIGN_UP, language, "{####}", "{username}").text for language in LANGUAGES]
    assert mail(Purpose.SIGN_UP, None, "{####}", "{username}").text.split("\n\n") == one_by_one


def test_a_forgotten_password_is_not_a_new_account() -> None:
    forgotten = write(_event("CustomMessage_ForgotPassword", {"language": "en"}))["response"]
    assert forgotten["emailSubject"] == "Reset your asyncsns password"
    assert "{####}" in forgotten["emailMessage"]
    japanese = write(_event("CustomMessage_SignUp", None, locale="ja"))["response"]
    assert "登録" in japanese["emailMessage"]
    both = write(_event("CustomMessage_SignUp"))["response"]
    assert "Confirm" in both["emailSubject"]
    assert "確認コード" in both["emailSubject"]


def test_an_unknown_purpose_has_cognitos_own_words() -> None:
    event = _event("CustomMessage_Telepathy")
    assert write(event) == event
    assert set(SOURCES.values()) == set(Purpose)
