"""Quota headers in responses: the fields of draft-ietf-httpapi-ratelimit-headers-10, and Retry-After."""

from __future__ import annotations

from services.common.limits import Admission, LimitReached, Policy

POSTS = Admission(Policy("posts", 30, 300), left=7, reset=42)


def test_an_admission_names_the_policy_and_the_remaining_quota() -> None:
    assert POSTS.headers() == {"ratelimit-policy": '"posts";q=30;w=300', "ratelimit": '"posts";r=7;t=42'}


def test_a_refusal_says_in_its_text_and_headers_when_to_retry() -> None:
    refusal = LimitReached(POSTS)
    assert refusal.detail == "At most 30 posts in 300 seconds; again in 42 seconds."
    assert refusal.headers() == {**POSTS.headers(), "retry-after": "42"}
