"""Which changes of posts, versions, drafts and scheduled posts are published to the media context."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.common.events import PostMediaChanged
from services.common.streams import Change
from services.posts.media_events import media_events_of


def post(*media: str, **more: Any) -> dict[str, Any]:
    return {"pk": "POST#p", "type": "post", "id": "p", "authorId": "a", "media": [{"id": one} for one in media], **more}


def draft(*media: str) -> dict[str, Any]:
    return {"pk": "AUTHOR#a", "type": "draft", "id": "d", "authorId": "a", "content": json.dumps({"mediaIds": media})}


@pytest.mark.parametrize(
    ("old", "new", "kind", "identity", "media"),
    [
        (None, post("m"), "post", "p", ["m"]),
        (post("m"), {**post(), "media": None}, "post", "p", ["m"]),
        (post("m", "n"), post("n", "o"), "post", "p", ["m", "n", "o"]),
        (None, {**post("m"), "type": "version", "id": None}, "post", "p", ["m"]),
        (None, draft("m"), "draft", "d", ["m"]),
        (draft("m"), None, "draft", "d", ["m"]),
        (None, {**draft("m"), "type": "scheduled"}, "scheduled", "d", ["m"]),
    ],
)
def test_a_change_of_media_is_published(old: Any, new: Any, kind: str, identity: str, media: list[str]) -> None:
    (event,) = media_events_of(Change("e", old, new))
    assert isinstance(event, PostMediaChanged)
    assert (event.item_kind, event.item_id, event.author_id) == (kind, identity, "a")
    assert event.media_ids == tuple(media)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (post("m"), post("m", text="edited")),
        (None, post()),
        (None, {**post("m"), "type": "like"}),
        (None, {**draft(), "content": json.dumps({"mediaIds": {}, "text": "m"})}),
        (None, {**draft(), "content": json.dumps({"mediaIds": [1, None]})}),
    ],
)
def test_nothing_is_published_when_no_media_change(old: Any, new: Any) -> None:
    assert media_events_of(Change("e", old, new)) == []
