"""Subject and text of each mail, by purpose and language.

``{code}`` and ``{name}`` stand for the placeholders that Cognito fills in; it refuses a mail without ``{code}``.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-custom-message.html
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from services.common.lazy_dataclasses import dataclass

Language = Literal["en", "ja"]
LANGUAGES: tuple[Language, ...] = ("en", "ja")


class Purpose(StrEnum):
    """The purpose of the code in the mail."""

    SIGN_UP = "sign-up"
    RESET = "reset"
    EMAIL = "email"
    SIGN_IN = "sign-in"
    INVITATION = "invitation"


#: ``triggerSource`` of the event → purpose.
SOURCES: Mapping[str, Purpose] = {
    "CustomMessage_SignUp": Purpose.SIGN_UP,
    "CustomMessage_ResendCode": Purpose.SIGN_UP,
    "CustomMessage_ForgotPassword": Purpose.RESET,
    "CustomMessage_UpdateUserAttribute": Purpose.EMAIL,
    "CustomMessage_VerifyUserAttribute": Purpose.EMAIL,
    "CustomMessage_Authentication": Purpose.SIGN_IN,
    "CustomMessage_AdminCreateUser": Purpose.INVITATION,
}


@dataclass(frozen=True)
class Mail:
    subject: str
    text: str


_TEXTS: Mapping[Language, Mapping[Purpose, Mail]] = {
    "en": {
        Purpose.SIGN_UP: Mail(
            "Confirm your asyncsns account",
            "Your confirmation code is {code}. Enter it within 24 hours to complete your sign-up. "
            "If you did not sign up, ignore this mail.",
        ),
        Purpose.RESET: Mail(
            "Reset your asyncsns password",
            "Your code for a new password is {code}. It is valid for one hour. "
            "If you did not ask for it, ignore this mail: your password stays as it is.",
        ),
        Purpose.EMAIL: Mail(
            "Confirm your new e-mail address for asyncsns",
            "The code that confirms this e-mail address is {code}. It is valid for 24 hours. "
            "If you did not change your address, ignore this mail.",
        ),
        Purpose.SIGN_IN: Mail("Your asyncsns sign-in code", "Your sign-in code is {code}. Never pass it on to anyone."),
        Purpose.INVITATION: Mail(
            "Your invitation to asyncsns",
            "You can sign in as {name} with the temporary password {code}. You will then choose your own.",
        ),
    },
    "ja": {
        Purpose.SIGN_UP: Mail(
            "【asyncsns】アカウントの確認コード",
            "確認コードは {code} です。24時間以内に入力して登録を完了してください。"
            "お心当たりのない場合は、このメールを破棄してください。",
        ),
        Purpose.RESET: Mail(
            "【asyncsns】パスワード再設定の確認コード",
            "パスワード再設定の確認コードは {code} です。有効期限は1時間です。"
            "お心当たりのない場合は、このメールを破棄してください。パスワードは変更されません。",
        ),
        Purpose.EMAIL: Mail(
            "【asyncsns】新しいメールアドレスの確認コード",
            "メールアドレス変更の確認コードは {code} です。有効期限は24時間です。"
            "お心当たりのない場合は、このメールを破棄してください。",
        ),
        Purpose.SIGN_IN: Mail(
            "【asyncsns】ログイン用の確認コード", "ログイン用の確認コードは {code} です。他の人に教えないでください。"
        ),
        Purpose.INVITATION: Mail(
            "【asyncsns】ご招待",
            "{name} と仮パスワード {code} でログインできます。ログイン後に新しいパスワードを設定してください。",
        ),
    },
}


def language_of(metadata: Mapping[str, object], attributes: Mapping[str, object]) -> Language | None:
    """The language of the requesting page, else that of the account (``locale``, BCP 47), else unknown."""
    for wanted in (metadata.get("language"), attributes.get("locale")):
        found = str(wanted or "").lower().replace("_", "-").partition("-")[0]
        for language in LANGUAGES:
            if found == language:
                return language
    return None


def mail(purpose: Purpose, language: Language | None, code: str, name: str) -> Mail:
    """In one language, or in all where it is not known."""
    chosen = [_TEXTS[one][purpose] for one in (LANGUAGES if language is None else (language,))]
    text = "\n\n".join(one.text.format(code=code, name=name) for one in chosen)
    return Mail(" / ".join(one.subject for one in chosen), text)
