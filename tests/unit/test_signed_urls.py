"""Media links: signed for one medium, the same for everybody for an hour, and valid for a verifier with the key."""

from __future__ import annotations

import time
from urllib.parse import parse_qsl, urlsplit

import pytest

from emulation.edge.signing import RefusedError, presented, verify
from services.common import signed_urls
from services.common.signed_urls import WINDOW_SECONDS, Access, granted, granted_media
from tests.support.keys import private_pem, public_pem, rsa_key

PRIVATE, PUBLIC = private_pem(rsa_key()), public_pem(rsa_key())
ORIGIN = "https://sns.example"
ONE, OTHER = "/media/private/ONE", "/media/private/OTHER"


@pytest.fixture(autouse=True)
def access(monkeypatch: pytest.MonkeyPatch) -> Access:
    found = Access(ORIGIN, "K1", PRIVATE)
    monkeypatch.setattr(signed_urls, "_access", lambda: found)
    return found


def medium() -> dict[str, object]:
    return {
        "id": "ONE",
        "url": f"{ONE}/original.jpg",
        "thumbnailUrl": f"{ONE}/thumb.webp",
        "variants": [{"url": f"{ONE}/w640.avif", "width": 640, "contentType": "image/avif"}],
    }


def opens(query: str, url: str, now: float | None = None) -> bool:
    """Whether the edge admits ``url`` (without CloudFront's parameters) with the parameters of ``query``."""
    try:
        verify(presented(dict(parse_qsl(query)), {}), {"K1": PUBLIC}, url, "203.0.113.9", now or time.time())
    except RefusedError:
        return False
    return True


def test_every_link_of_a_medium_opens_and_has_one_signature() -> None:
    shown = granted_media(medium())
    links = [shown["url"], shown["thumbnailUrl"], shown["variants"][0]["url"]]
    assert len({urlsplit(link).query for link in links}) == 1
    for link in links:
        parts = urlsplit(link)
        assert opens(parts.query, ORIGIN + parts.path)


@pytest.mark.parametrize(
    "path",
    [
        f"{OTHER}/original.jpg",
        f"{OTHER}/original.jpg?x={ORIGIN}{ONE}/",
        f"{OTHER}/original.jpg?{ONE}/original.jpg",
        "/media/private/ONEMORE/original.jpg",
        "/media/private/original.jpg",
        f"{OTHER}{ONE}/original.jpg",
    ],
)
def test_the_signature_of_one_medium_opens_no_other(path: str) -> None:
    query = urlsplit(granted_media(medium())["url"]).query
    assert not opens(query, ORIGIN + path)


def test_a_policy_has_the_form_that_cloudfront_reads_without_white_space() -> None:
    assert signed_urls.policy_of("https://sns.example/media/private/ONE/*", 7) == (
        b'{"Statement":[{"Resource":"https://sns.example/media/private/ONE/*",'
        b'"Condition":{"DateLessThan":{"AWS:EpochTime":7}}}]}'
    )


def test_no_other_host_or_scheme_is_opened() -> None:
    query = urlsplit(granted_media(medium())["url"]).query
    for origin in ("https://other.example", "http://sns.example", f"https://other.example{ONE}/?{ORIGIN}"):
        assert not opens(query, f"{origin}{ONE}/original.jpg")


def test_links_expire_within_two_hours_and_live_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    start = 1_800_000_000 // WINDOW_SECONDS * WINDOW_SECONDS
    for offset in (0, WINDOW_SECONDS - 1):
        monkeypatch.setattr(time, "time", lambda offset=offset: float(start + offset))
        query = urlsplit(granted_media(medium())["url"]).query
        assert opens(query, f"{ORIGIN}{ONE}/original.jpg", start + WINDOW_SECONDS * 2 - 1)
        assert not opens(query, f"{ORIGIN}{ONE}/original.jpg", start + WINDOW_SECONDS * 2)


def test_public_pictures_and_media_that_are_not_ready_stay_as_they_are() -> None:
    assert granted_media({"url": None, "thumbnailUrl": "/media/X/thumb.webp"}) == {
        "url": None,
        "thumbnailUrl": "/media/X/thumb.webp",
    }
    assert granted({"id": "p", "media": []}) == {"id": "p", "media": []}


def test_only_lists_of_media_are_signed_at_any_depth() -> None:
    post = {"id": "p", "text": f"{ONE}/original.jpg", "url": f"{ONE}/original.jpg", "tags": ["a"], "media": [medium()]}
    page = {"items": [{"post": {**post, "quoted": post}}, {"post": None}], "next": None}
    shown = {**post, "media": [granted_media(medium())]}
    assert granted(page) == {"items": [{"post": {**shown, "quoted": shown}}, {"post": None}], "next": None}
    plain = {"items": [{"id": "p", "author": {"url": f"{ONE}/original.jpg"}}]}
    assert granted(plain) == plain
    unchanged = {"id": "p", "author": {"id": "a"}, "tags": ["a"]}
    assert granted(unchanged) is unchanged


def test_a_post_is_not_changed_by_showing_it() -> None:
    post = {"media": [medium()]}
    granted(post)
    assert post == {"media": [medium()]}
