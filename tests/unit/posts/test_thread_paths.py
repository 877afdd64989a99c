"""Thread paths: their sort order is the reading order of a thread."""

from __future__ import annotations

from services.common.ids import new_id
from services.posts.thread_paths import DEPTH, ancestors_of, depth_below, descendants_of, labels_of, path_below


def test_a_thread_is_depth_first_with_the_authors_own_replies_first() -> None:
    root_author = "anna"
    ids = [new_id() for _ in range(6)]
    answer = path_below("", root_author, ids[0], "ben")
    later = path_below("", root_author, ids[1], "cleo")
    own = path_below("", root_author, ids[2], "anna")
    own_next = path_below(own, "anna", ids[3], "anna")
    to_answer = path_below(answer, "ben", ids[4], "anna")
    bens_own = path_below(answer, "ben", ids[5], "ben")
    assert sorted([answer, later, own, own_next, to_answer, bens_own]) == [
        own, own_next, answer, to_answer, bens_own, later,
    ]  # fmt: skip


def test_a_path_names_the_ancestors_and_descendants() -> None:
    root, first, second = new_id(), new_id(), new_id()
    one = path_below("", "anna", first, "ben")
    two = path_below(one, "ben", second, "anna")
    assert ancestors_of("", None) == []
    assert ancestors_of(one, root) == [root]
    assert ancestors_of(two, root) == [root, first]
    prefix, after = descendants_of(one)
    assert two.startswith(prefix)
    assert after < two
    assert (depth_below(two, ""), depth_below(two, one)) == (2, 1)


def test_the_deepest_replies_share_a_level_that_fits_a_sort_key() -> None:
    path, paths = "", []
    for _ in range(DEPTH + 5):
        path = path_below(path, "anna", new_id(), "ben")
        paths.append(path)
    assert len(path) <= 1024
    row = paths[DEPTH - 1 :]
    assert {len(labels_of(one)) for one in row} == {DEPTH}
    assert row == sorted(row)
    prefix, after = descendants_of(row[0])
    assert after == row[0]
    assert all(one.startswith(prefix) and depth_below(one, row[0]) == 1 for one in row[1:])
