"""The Date header is formatted once a second; a missing or failing fast encoder falls back to the standard one."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from emulation.emulator import answers


def test_the_date_is_made_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.9
    monkeypatch.setattr(answers.time, "time", lambda: now)
    made: list[tuple[Any, ...]] = []

    def usual(*arguments: Any, **named: Any) -> str:
        made.append(arguments)
        return f"date {arguments} {named}"

    date = answers.date_of_each_second(usual)
    assert date(usegmt=True) == date(usegmt=True) == "date (1000,) {'usegmt': True}"
    now = 1001.0
    assert date(usegmt=True) == "date (1001,) {'usegmt': True}"
    assert date(5, usegmt=True) == "date (5,) {'usegmt': True}"
    assert date() == "date () {}"
    assert len(made) == 4


def usual_response(data: Any, status: int = 200, **named: Any) -> answers.Answer:
    return status, {"usual": str(named)}, b"usual"


def test_without_orjson_the_usual_encoder_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "orjson", None)
    assert answers.json_response(usual_response) is usual_response


def test_values_that_orjson_refuses_use_the_usual_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    def dumps(data: Any, option: int) -> bytes:
        assert option == 7
        if data == "refused":
            raise TypeError("no")
        return b"quick"

    flags = {f"OPT_PASSTHROUGH_{kind}": 1 << bit for bit, kind in enumerate(("DATETIME", "DATACLASS", "SUBCLASS"))}
    monkeypatch.setitem(sys.modules, "orjson", SimpleNamespace(dumps=dumps, **flags))
    respond = answers.json_response(usual_response)
    assert respond({}, 201) == (201, {"Content-Type": "application/x-amz-json-1.0"}, b"quick")
    assert respond("refused", 202) == (202, {"usual": "{}"}, b"usual")
    assert respond({}, content_type="x") == (200, {"usual": "{'content_type': 'x'}"}, b"usual")
