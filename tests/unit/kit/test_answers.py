"""What counts as deployed is what the edge has read, however slow the first function is."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

import pytest

from kit import answers, shell
from kit.settings import Settings
from kit.steps import StepFailed

_DEPLOYED = {"status": "ok", "apis": ["a1"], "distributions": ["E1"]}


def _answer(monkeypatch: pytest.MonkeyPatch, *documents: Mapping[str, object] | bytes | None) -> list[str]:
    """The edge gives these answers in turn, the last one again and again; returns the paths that it was asked for."""
    waiting, asked = list(documents), list[str]()

    def get(settings: Settings, path: str, timeout: float) -> tuple[int | None, bytes]:
        asked.append(path)
        document = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if document is None:
            return None, b""
        return 200, document if isinstance(document, bytes) else json.dumps(document).encode()

    monkeypatch.setattr(answers, "_get", get)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    monkeypatch.setattr(shell, "check_stopping", lambda: None)
    return asked


def test_an_edge_that_has_not_read_yet_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    starting = {"status": "starting", "apis": [], "distributions": []}
    asked = _answer(monkeypatch, None, b"<html>", starting, starting, _DEPLOYED)
    assert answers.is_deployed(Settings())
    assert asked == ["/_health"] * 5


@pytest.mark.parametrize("missing", ["apis", "distributions"])
def test_an_empty_emulator_is_no_deployment(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    _answer(monkeypatch, {**_DEPLOYED, missing: []})
    assert not answers.is_deployed(Settings())


def test_an_edge_that_never_reads_is_named_with_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    _answer(monkeypatch, {**_DEPLOYED, "status": "degraded"})
    clock = iter(range(0, 1000, 20))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    with pytest.raises(StepFailed, match="_health: expected the status ok, got degraded"):
        answers.is_deployed(Settings())
