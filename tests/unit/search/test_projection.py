from __future__ import annotations

import pytest

from services.posts.model import Entities, Mention, Post, ReplyTo, Visibility
from services.posts.repository import item_of as item_of_post
from services.profiles.model import Profile
from services.profiles.repository import _item as item_of_profile
from services.search.model import Action
from services.search.projection import actions_of, fold
from tests.support.search_records import deleted, post_item, profile_item, record

POST = Post(
    id="01J",
    author_id="u1",
    text="京都 #旅行 @bob",
    lang="ja",
    created_at="2026-01-01T00:00:00.000Z",
    visibility=Visibility.PUBLIC,
    client_post_id="c",
    reply_to=ReplyTo("01H", "u3"),
    root_id="01H",
    media=({"id": "m", "kind": "photo"}, {"id": "n", "kind": "photo"}),
    entities=Entities(("旅行", "ＡＷＳ"), (Mention("bob", "u2"),), ("https://example.com",)),
    version=4,
)


def test_a_post_becomes_a_document_and_its_tags() -> None:
    post, *tags = actions_of(record(item_of_post(POST)))
    assert post == Action(
        "posts",
        "01J",
        4,
        {
            "id": "01J",
            "authorId": "u1",
            "text": "京都 #旅行 @bob",
            "symbols": ["#", "@"],
            "looseSymbols": ["#", "@"],
            "lang": "ja",
            "createdAt": "2026-01-01T00:00:00.000Z",
            "visibility": "public",
            "replyTo": "01H",
            "has": ["photo", "media", "link"],
            "tags": ["旅行", "ＡＷＳ"],
            "mentions": ["u2"],
            "to": ["u2", "u3"],
        },
    )
    assert [(tag.alias, tag.id, tag.version) for tag in tags] == [("tags", "旅行", 1), ("tags", "aws", 1)]


def test_tags_of_restricted_posts_are_not_indexed() -> None:
    for visibility in ("unlisted", "followers", "mentioned"):
        actions = actions_of(record(post_item("a", tags=["秘密"], visibility=visibility)))
        assert [action.alias for action in actions] == ["posts"]


def test_a_tombstone_and_a_removed_item_delete_with_their_version() -> None:
    live = post_item("a", version=1)
    assert actions_of(record(deleted(live, 2), live)) == [Action("posts", "a", 2, None)]
    assert actions_of(record(None, live)) == [Action("posts", "a", 1, None)]


def test_deletes_accept_the_version_they_delete_and_documents_must_be_newer() -> None:
    assert Action("posts", "a", 2, None).version_type == "external_gte"
    assert Action("posts", "a", 2, {}).version_type == "external"


def test_a_profile_becomes_a_person() -> None:
    profile = Profile("u1", "alice", "アリス", "2026-01-01T00:00:00.000Z", version=3)
    (action,) = actions_of(record(item_of_profile(profile)))
    assert (action.alias, action.id, action.version) == ("people", "u1", 3)
    assert action.source == {
        "id": "u1",
        "handle": "alice",
        "displayName": "アリス",
        "bio": "",
        "createdAt": "2026-01-01T00:00:00.000Z",
    }


@pytest.mark.parametrize("sk", ["COUNTS", "LIKE#u1", "FOLLOW#u2", "CLIENT#c"])
def test_other_items_of_the_tables_change_nothing(sk: str) -> None:
    assert actions_of(record({"pk": "POST#a", "sk": sk})) == []


@pytest.mark.parametrize("missing", ["id", "version", "authorId", "createdAt", "visibility", "entities", "text"])
def test_a_poison_item_raises_an_error(missing: str) -> None:
    item = post_item("a")
    del item[missing]
    with pytest.raises(KeyError):
        actions_of(record(item))


def test_the_fixtures_have_the_shape_of_the_repositories() -> None:
    post = item_of_post(Post("a", "u1", "x", "ja", "2026-01-01T00:00:00.000Z", Visibility.PUBLIC, "c"))
    assert set(post) - {"gsi1pk", "gsi1sk"} == set(post_item("a"))
    person = item_of_profile(Profile("u1", "alice", "A", "2026-01-01T00:00:00.000Z"))
    assert set(profile_item("u1", "alice", "A")) <= set(person)


def test_spellings_of_a_tag_fold_together() -> None:
    assert fold("ＡＷＳ") == fold("aws") == "aws"
    assert fold("ﾗｰﾒﾝ") == "ラーメン"
