"""A pytest plugin, inactive by default: ``-p tests.support.shuffle`` runs files and their tests in random order.

It finds tests that pass only after another test. ``ASYNCSNS_TEST_SEED`` repeats an order.
"""

from __future__ import annotations

import os
import random
import secrets

import pytest

SEED = os.environ.get("ASYNCSNS_TEST_SEED") or secrets.token_hex(4)


def pytest_report_header() -> str:
    return f"random order, to be repeated with ASYNCSNS_TEST_SEED={SEED}"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = random.Random(SEED)
    files = sorted({item.path for item in items})
    order.shuffle(files)
    place = {path: number for number, path in enumerate(files)}
    order.shuffle(items)
    items.sort(key=lambda item: place[item.path])
