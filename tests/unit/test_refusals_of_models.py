"""Validation errors of the models say what was wrong, and name the field with the expected and the received value."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from services.calls import model as calls
from services.calls.model import Call, DevicePage, Seat
from services.calls.states import CallState
from services.chat import model as chat
from services.common.clock import from_text
from services.common.errors import (
    AppError,
    BadRequest,
    CallElsewhere,
    CallOver,
    Conflict,
    FieldError,
    NotFound,
    NotInCall,
    StaleNegotiation,
    TooLarge,
    Unprocessable,
    WrongCallState,
)
from services.media import model as media
from services.media.model import RULES, Kind
from services.moderation import model as moderation
from services.moderation.model import Case, CaseSubject, Decision, Measure, SubjectKind
from services.posts import model as posts
from services.profiles import model as profiles

ANN, LONG = str(uuid.UUID(int=1)), "x" * 100
CREATED = "2026-01-01T00:00:00.000Z"
START = from_text(CREATED)
CALL = Call("01J00000000000000000000000", "ann", "bob", "video", CallState.CONNECTED, CREATED, epoch=7)
SEATED = replace(CALL, caller=Seat("ann-1", None, CREATED))
ENDED = replace(CALL, answered_at=CREATED, ended_at=CREATED)
POST = Case(CaseSubject(SubjectKind.POST, "p"), "ann", True, {})
TAKE_OVER = FieldError("takeOver", "true, to move the call to this device", "false")
HANDLE = "3 to 20 of the characters a-z, 0-9 and _"
LOCALE, PHOTO = "ja or en", Kind("photo")
TYPES = "one of " + ", ".join(RULES[PHOTO].types)
MOST = RULES[PHOTO].max_bytes
LATER = START + calls.REPORT_TIME + timedelta(milliseconds=1)

Refused = tuple[Callable[[], object], type[AppError], str, FieldError | None]
REFUSED: list[Refused] = [
    (lambda: calls.check_callee(ANN, LONG), BadRequest, "This is not a user id.",
     FieldError("calleeId", "a user id (UUID)", repr(LONG)[:64])),
    (lambda: calls.check_callee(ANN, ANN), Unprocessable, "You can't call yourself.", None),
    (lambda: calls.check_call_id(LONG), NotFound, f"Call {LONG[:64]!r} not found.", None),
    (lambda: SEATED.check_sender("ann", DevicePage("ann-2"), 7), CallElsewhere,
     "You are in this call on another device.", TAKE_OVER),
    (lambda: CALL.check_sender("ann", DevicePage("ann-2"), 7), NotInCall, "Send `call.here` on this connection first.",
     FieldError("device", "the connection that takes part in the call", "another connection")),
    (lambda: SEATED.check_sender("ann", DevicePage("ann-1"), 6), StaleNegotiation,
     "This signal belongs to an earlier negotiation of the call.", FieldError("epoch", "7", "6")),
    (lambda: CALL.check_report(START), WrongCallState,
     "Nobody has answered this call: there is nothing to report.", None),
    (lambda: ENDED.check_report(LATER), CallOver,
     f"The call ended more than {calls.REPORT_TIME.seconds} seconds ago.", None),
    (lambda: chat.check_partner(ANN, LONG), BadRequest, "This is not a user id.",
     FieldError("memberId", "a user id (UUID)", repr(LONG)[:64])),
    (lambda: chat.check_partner(ANN, ANN), Unprocessable, "You can't start a conversation with yourself.", None),
    (lambda: chat.check_user_ids("userIds", [ANN, "bob"]), BadRequest, "This is not a user id.",
     FieldError("userIds", "a user id (UUID)", "'bob'")),
    (lambda: chat.check_conversation_id(LONG), NotFound, f"Conversation {LONG[:64]!r} not found.", None),
    (lambda: media.checked_type(PHOTO, LONG), BadRequest, f"contentType: expected {TYPES} for a photo.",
     FieldError("contentType", TYPES, LONG[:64])),
    (lambda: media.checked_size(PHOTO, 0), BadRequest, "bytes: expected at least 1.",
     FieldError("bytes", "at least 1", "0")),
    (lambda: media.checked_size(PHOTO, MOST + 1), TooLarge, f"A photo can have up to {MOST} bytes.",
     FieldError("bytes", f"at most {MOST}", str(MOST + 1))),
    (lambda: POST.decide(Decision.SUSPEND), Unprocessable, "The decision suspend applies only to a person.",
     FieldError("decision", "one that is about a post", "suspend")),
    (lambda: POST.decide(Decision.UNHIDE), Conflict, "The measure in force is 'none', expected 'hidden'.", None),
    (lambda: posts.checked_lang(LONG, ""), BadRequest, "lang: expected a language tag such as ja or en.",
     FieldError("lang", "a language tag such as ja or en", repr(LONG[:16]))),
    (lambda: profiles.normalised_handle(LONG), BadRequest, f"handle: expected {HANDLE}.",
     FieldError("handle", HANDLE, repr(LONG[:32]))),
    (lambda: profiles.normalised_handle("@Admin"), Unprocessable, "This handle is reserved.",
     FieldError("handle", "a handle that is not reserved", "admin")),
    (lambda: profiles.checked_locale(LONG), BadRequest, f"locale: expected {LOCALE}.",
     FieldError("locale", LOCALE, repr(LONG[:16]))),
]  # fmt: skip

#: ``text.clean`` reports missing or too long text, with the field's name.
FIELDS: list[tuple[Callable[[], object], str]] = [
    (lambda: moderation.checked_comment("x" * (moderation.COMMENT_LIMIT + 1)), "comment"),
    (lambda: moderation.checked_appeal("x" * (moderation.APPEAL_LIMIT + 1)), "text"),
    (lambda: moderation.checked_appeal(""), "text"),
    (lambda: media.checked_alt_text("x" * (media.ALT_TEXT_LIMIT + 1)), "altText"),
    (lambda: posts.checked_text("", has_media=False), "text"),
    (lambda: posts.checked_text("x" * (posts.TEXT_LIMIT + 1), has_media=True), "text"),
    (lambda: posts.checked_warning("x" * (posts.WARNING_LIMIT + 1)), "contentWarning"),
    (lambda: revised(display_name=" "), "displayName"),
    (lambda: revised(display_name="x" * (profiles.NAME_LIMIT + 1)), "displayName"),
    (lambda: revised(bio="x" * (profiles.BIO_LIMIT + 1)), "bio"),
    (lambda: revised(locale="fr"), "locale"),
]


def revised(display_name: str = "Ann", **changes: str) -> profiles.Profile:
    blank = profiles.Profile(id="u", handle="", display_name="", created_at=CREATED)
    return profiles.revised(blank, handle="@Ann_1", display_name=display_name, changes=changes)


@pytest.mark.parametrize(("ask", "kind", "detail", "fault"), REFUSED)
def test_a_refusal_names_the_fault_the_expected_and_the_received_value(
    ask: Callable[[], object], kind: type[AppError], detail: str, fault: FieldError | None
) -> None:
    with pytest.raises(kind) as refused:
        ask()
    assert (refused.value.detail, refused.value.errors) == (detail, (fault,) if fault else ())


@pytest.mark.parametrize(("ask", "field"), FIELDS)
def test_a_text_that_does_not_fit_is_named_by_its_field(ask: Callable[[], object], field: str) -> None:
    with pytest.raises(BadRequest) as refused:
        ask()
    assert [one.field for one in refused.value.errors] == [field]


def test_values_at_the_limits_are_accepted() -> None:
    calls.check_callee(ANN, str(uuid.UUID(int=2)))
    calls.check_call_id(CALL.id)
    chat.check_partner(ANN, str(uuid.UUID(int=2)))
    chat.check_conversation_id(CALL.id)
    ENDED.check_report(START + calls.REPORT_TIME)
    replace(CALL, answered_at=CREATED).check_report(LATER)
    SEATED.check_sender("ann", DevicePage("ann-1"), 7)
    assert (media.checked_size(PHOTO, 1), media.checked_size(PHOTO, MOST)) == (1, MOST)
    types = (" IMAGE/JPEG ; q=1; x=2", "image/jpeg;q=1", "image/jpg", "image/png")
    assert [media.checked_type(PHOTO, one) for one in types] == ["image/jpeg", "image/jpeg", "image/jpeg", "image/png"]
    assert media.checked_alt_text("x" * media.ALT_TEXT_LIMIT) == "x" * media.ALT_TEXT_LIMIT
    assert moderation.checked_comment("") == ""
    for text in ("x", "x" * moderation.APPEAL_LIMIT):
        assert moderation.checked_appeal(text) == text
    assert posts.checked_text("", has_media=True) == ""
    assert [posts.checked_warning(one) for one in (None, "", "x")] == [None, None, "x"]
    assert [posts.checked_lang(one, "") for one in ("JA-jp", "fil", "en")] == ["ja", "fil", "en"]
    ann = revised(display_name=" Ann  A ", bio="hi", locale="en")
    assert (ann.handle, ann.display_name, ann.bio, ann.locale) == ("ann_1", "Ann A", "hi", "en")


@pytest.mark.parametrize(
    ("measure", "decision", "after"),
    [
        (Measure.NONE, Decision.HIDE, Measure.HIDDEN),
        (Measure.HIDDEN, Decision.UNHIDE, Measure.NONE),
        (Measure.NONE, Decision.DISMISS, Measure.NONE),
        (Measure.HIDDEN, Decision.DISMISS, Measure.HIDDEN),
    ],
)
def test_a_decision_changes_the_measure_in_force(measure: Measure, decision: Decision, after: Measure) -> None:
    assert replace(POST, measure=measure).decide(decision) is after
