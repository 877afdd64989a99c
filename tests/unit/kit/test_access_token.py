"""Which login ``make token`` signs in."""

from __future__ import annotations

import pytest

from kit.access_token import login_of

LOGINS = [
    {"handle": "hana", "email": "hana@example.com", "password": "one"},
    {"handle": "olivia", "email": "olivia@example.com", "password": "two"},
]


@pytest.mark.parametrize(
    ("name", "password", "expected"),
    [
        ("", None, ("hana@example.com", "one")),
        ("olivia", None, ("olivia@example.com", "two")),
        ("olivia@example.com", None, ("olivia@example.com", "two")),
        ("ann@example.com", "three", ("ann@example.com", "three")),
    ],
)
def test_a_login_is_seeded_or_has_its_password(name: str, password: str | None, expected: tuple[str, str]) -> None:
    assert login_of(name, password, LOGINS) == expected


def test_an_unknown_login_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"expected a seeded login \(hana, olivia\), got ann.*ASYNCSNS_LOGIN_PASSWORD"):
        login_of("ann", None, LOGINS)
    with pytest.raises(ValueError, match="make up"):
        login_of("", None, [])
