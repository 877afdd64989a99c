"""Visibility of a post, by its state and the relation between viewer and author."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.common.relations import NO_RELATION, Relation
from services.posts.model import Entities, Mention, Post, Visibility

POST = Post("p", "anna", "hi @ben", "en", "2026-01-01T00:00:00.000Z", Visibility.PUBLIC,
            entities=Entities(mentions=(Mention("ben", "ben"),)))  # fmt: skip
OTHERS = [("ben", NO_RELATION), ("cleo", NO_RELATION), ("cleo", Relation(follows=True))]


@pytest.mark.parametrize("measure", [{"hidden": "spam"}, {"withheld": True}, {"hidden": "spam", "withheld": True}])
@pytest.mark.parametrize("visibility", list(Visibility))
def test_a_post_hidden_by_moderators_is_visible_only_to_its_author(
    visibility: Visibility, measure: dict[str, object]
) -> None:
    post = replace(POST, visibility=visibility, **measure)  # type: ignore[arg-type]
    assert post.visible_to("anna", NO_RELATION)
    assert not any(post.visible_to(viewer, relation) for viewer, relation in OTHERS)


@pytest.mark.parametrize("visibility", list(Visibility))
def test_a_block_hides_posts_also_from_followers_and_from_those_they_mention(visibility: Visibility) -> None:
    post = replace(POST, visibility=visibility)
    for viewer, relation in OTHERS:
        assert not post.visible_to(viewer, replace(relation, blocked=True))


@pytest.mark.parametrize("visibility", list(Visibility))
def test_a_deleted_post_is_visible_to_no_viewer(visibility: Visibility) -> None:
    post = replace(POST, visibility=visibility, deleted=True)
    assert not any(post.visible_to(viewer, relation) for viewer, relation in [*OTHERS, ("anna", NO_RELATION)])


@pytest.mark.parametrize(("visibility", "open_"), list(zip(Visibility, [True, True, False, False], strict=True)))
def test_only_public_and_unlisted_posts_are_open_to_reposts_and_quotes(visibility: Visibility, open_: bool) -> None:
    assert replace(POST, visibility=visibility).is_open is open_
