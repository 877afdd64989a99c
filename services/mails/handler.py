"""Lambda entry point of mails: Cognito's custom message trigger."""

from __future__ import annotations

from services.common.entry import Event, Handler, entry_point, event_handler
from services.common.observability import note
from services.mails.model import SOURCES, language_of, mail
from services.mails.settings import MailSettings


def write(event: Event) -> Event:
    """The event with the texts filled in; unchanged for an unknown purpose, for which Cognito uses its own texts.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-custom-message.html
    """
    purpose, request = SOURCES.get(event["triggerSource"]), event["request"]
    if purpose is None:
        return event
    language = language_of(request.get("clientMetadata") or {}, request.get("userAttributes") or {})
    note(purpose=purpose.value, language=language)
    written = mail(purpose, language, request["codeParameter"], request.get("usernameParameter") or "")
    answer = {**event.get("response", {}), "emailSubject": written.subject, "emailMessage": written.text}
    return {**event, "response": answer}


@entry_point(MailSettings)
def handler(settings: MailSettings) -> Handler:
    return event_handler("custom message", lambda event, _: write(event))
