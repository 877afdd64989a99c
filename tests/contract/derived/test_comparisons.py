"""Derived data are compared with their source and repaired, on a small network without consumers."""

from __future__ import annotations

import pytest

from services.common.derived import Compared, Comparison
from services.common.dynamo import Repository
from services.notifications.public import compare_notifications
from services.posts.public import PostRepository, compare_post_counters, excerpts_of, post_truth
from services.profiles.public import compare_follow_counters, people_truth
from services.timelines import keys
from services.timelines.projection_repository import TimelineProjection
from services.timelines.public import compare_timelines
from services.timelines.reader_repository import ReaderRepository
from tests.support.aws import Aws
from tests.support.social import Network


@pytest.fixture
def network(fresh: Aws) -> Network:
    made = Network(fresh)
    made.skip()
    # A person of whom only the key and the public fields exist.
    fresh.person()
    return made


def of(compare: Comparison, *subjects: str) -> dict[str, Compared]:
    """A comparison's results for these subjects; the table also has data of other tests."""
    return {one.subject: one for one in compare(None) if one.subject in subjects}


def differences(compare: Comparison, *subjects: str) -> dict[str, tuple[str, ...]]:
    return {subject: one.differences for subject, one in of(compare, *subjects).items() if one.differences}


def test_wrong_counters_are_recomputed(network: Network) -> None:
    ann, bob = network.person("a"), network.person("b")
    post = network.post(ann)["id"]
    network.post(bob, "re", replyTo=post)
    network.request(bob, "PUT", f"/v1/posts/{post}/like")
    network.request(bob, "PUT", f"/v1/posts/{post}/reaction", {"emoji": "🎉"})
    network.follow(bob, ann)
    posts, follows = compare_post_counters("posts"), compare_follow_counters("profiles")
    subjects = (f"POST#{post}", f"AUTHOR#{ann}", f"USER#{ann}", f"USER#{bob}")
    lost = {
        f"POST#{post}": ("likes: 0, expected 1", "reaction:🎉: 0, expected 1", "replies: 0, expected 1"),
        f"AUTHOR#{ann}": ("posts: 0, expected 1",),
    }
    assert differences(posts, *subjects) == lost
    assert differences(follows, *subjects) == {
        f"USER#{ann}": ("followers: 0, expected 1",), f"USER#{bob}": ("following: 0, expected 1",),
    }  # fmt: skip
    network.project()
    assert differences(posts, *subjects) == differences(follows, *subjects) == {}

    table = Repository("posts").table
    too_many = {"UpdateExpression": "SET likes = :n REMOVE replies", "ExpressionAttributeValues": {":n": 7}}
    table.update_item(Key={"pk": f"POST#{post}", "sk": "COUNTS"}, **too_many)
    wrong = of(posts, *subjects)[f"POST#{post}"]
    assert wrong.differences == ("likes: 7, expected 1", "replies: 0, expected 1")
    wrong.mend()
    assert differences(posts, *subjects) == {}
    counts = network.get(ann, f"/v1/posts/{post}")["counts"]
    assert (counts["likes"], counts["replies"]) == (1, 1)


def test_a_counter_that_changed_since_the_comparison_is_not_overwritten(network: Network) -> None:
    ann = network.person("a")
    post = network.post(ann)["id"]
    key = {"pk": f"POST#{post}", "sk": "COUNTS"}
    table = Repository("posts").table
    set_to = {"UpdateExpression": "SET likes = :n", "Key": key}
    table.update_item(**set_to, ExpressionAttributeValues={":n": 3})
    wrong = of(compare_post_counters("posts"), f"POST#{post}")[f"POST#{post}"]
    table.update_item(**set_to, ExpressionAttributeValues={":n": 4})
    wrong.mend()
    assert table.get_item(Key=key)["Item"]["likes"] == 4


def test_a_deleted_post_has_no_counters_to_compare(network: Network) -> None:
    ann = network.person("a")
    post = network.post(ann)["id"]
    network.request(ann, "PUT", f"/v1/posts/{post}/reaction", {"emoji": "🎉"})
    network.request(ann, "DELETE", f"/v1/posts/{post}")
    assert f"POST#{post}" not in of(compare_post_counters("posts"), f"POST#{post}")


def test_a_comparison_resumes_after_a_subject(network: Network) -> None:
    first, last = sorted(f"USER#{network.person()}" for _ in range(2))
    found = [one.subject for one in compare_follow_counters("profiles")(first)]
    assert first not in found
    assert last in found
    assert found == sorted(found)


@pytest.fixture
def timelines() -> Comparison:
    return compare_timelines("timelines", post_truth("posts"), people_truth("profiles"))


def home(person: str) -> list[str]:
    return [one.key for one in TimelineProjection("timelines").home(person, None, 50)[0].items]


def test_timelines_that_the_fan_out_never_filled_are_filled(network: Network, timelines: Comparison) -> None:
    ann, bob, cid = (network.person(name) for name in "abc")
    for reader in (ann, bob, cid):
        ReaderRepository("timelines").visit(reader, None)
    before = network.post(ann, "before the follow")["id"]
    network.follow(bob, ann)
    post = network.post(ann, "#rebuilt")["id"]
    hidden = network.post(ann, f"@{network.handle_of(cid, 'c')}", visibility="mentioned")["id"]
    answer = network.post(ann, "to somebody else", replyTo=network.post(cid)["id"])["id"]
    found = differences(timelines, ann, bob)
    assert any(one.startswith("4 posts that public, tag or author lists lack") for one in found[ann])
    assert found[bob] == (
        f"1 follows that the fan-out has otherwise: {ann}", f"1 lines missing in the home timeline: {post}",
    )  # fmt: skip
    for one in of(timelines, ann, bob, cid).values():
        one.mend()
    assert differences(timelines, ann, bob, cid) == {}
    assert home(bob) == [post]
    assert set(home(ann)) == {before, post, hidden, answer}
    store = TimelineProjection("timelines")
    assert [one.post_id for one in store.tag("rebuilt", None, 5).items if one.author_id == ann] == [post]
    assert store.follows(bob, ann)


def test_superfluous_timeline_entries_are_removed(network: Network, timelines: Comparison) -> None:
    ann, bob = network.person("a"), network.person("b")
    ReaderRepository("timelines").visit(bob, None)
    network.follow(bob, ann)
    kept, deleted = network.post(ann)["id"], network.post(ann)["id"]
    of(timelines, bob)[bob].mend()
    assert set(home(bob)) == {kept, deleted}
    network.request(ann, "DELETE", f"/v1/posts/{deleted}")
    assert differences(_newly(), bob)[bob] == (f"1 lines too many in the home timeline: {deleted}",)
    network.request(bob, "DELETE", f"/v1/follows/{ann}")
    wrong = of(_newly(), bob)[bob]
    assert wrong.differences[0] == f"1 follows that the fan-out has otherwise: {ann}"
    wrong.mend()
    assert home(bob) == []
    assert not TimelineProjection("timelines").follows(bob, ann)
    assert differences(_newly(), bob) == {}


def _newly() -> Comparison:
    """Each comparison reads posts only once."""
    return compare_timelines("timelines", post_truth("posts"), people_truth("profiles"))


def test_long_absent_readers_have_no_missing_timeline_entries(network: Network, timelines: Comparison) -> None:
    ann, bob = network.person("a"), network.person("b")
    network.follow(bob, ann)
    network.post(ann)
    of(timelines, ann)[ann].mend()
    Repository("timelines").table.put_item(Item={"pk": keys.home(bob), "sk": keys.STATE, "seenOn": "2020-01-01"})
    assert differences(timelines, bob)[bob] == (f"1 follows that the fan-out has otherwise: {ann}",)


@pytest.fixture
def notifications() -> Comparison:
    return told()


def told() -> Comparison:
    posts, people = post_truth("posts"), people_truth("profiles")
    repository = PostRepository("posts")

    def compare(after: str | None):  # type: ignore[no-untyped-def]
        return compare_notifications(
            "notifications", "profiles", lambda ids: excerpts_of(repository, ids),
            lambda person: [*posts.deeds(person), *people.follows_by(person)], people.people(),
        )(after)  # fmt: skip

    return compare


def test_actions_without_a_notification_are_notified_once(network: Network, notifications: Comparison) -> None:
    ann, bob = network.person("a"), network.person("b")
    post = network.post(ann)["id"]
    network.request(bob, "PUT", f"/v1/posts/{post}/like")
    network.follow(bob, ann)
    reply = network.post(bob, "re", replyTo=post)["id"]
    found = differences(notifications, ann, bob)
    expected = {f"post#{reply}", f"like#{post}#{bob}", f"follow#{bob}"}
    assert {one.removeprefix(f"did not tell {ann}: ") for one in found[bob]} == expected
    assert ann not in found
    for _ in range(2):
        for one in of(notifications, ann, bob).values():
            one.mend()
    assert differences(notifications, ann, bob) == {}
    listed = network.get(ann, "/v1/notifications")["items"]
    assert sorted((one["type"], one["count"]) for one in listed) == [("follow", 1), ("like", 1), ("reply", 1)]
    assert network.get(ann, "/v1/notifications/unread")["count"] == 3


def test_wrong_counts_and_notifications_about_deleted_posts_are_repaired(
    network: Network, notifications: Comparison
) -> None:
    ann, bob = network.person("a"), network.person("b")
    kept, gone = network.post(ann)["id"], network.post(ann)["id"]
    for post in (kept, gone):
        network.request(bob, "PUT", f"/v1/posts/{post}/like")
    of(notifications, bob)[bob].mend()
    network.request(ann, "DELETE", f"/v1/posts/{gone}")
    wrong = {"Key": {"pk": f"USER#{ann}", "sk": "MARKS"}, "UpdateExpression": "SET unread = :n"}
    Repository("notifications").table.update_item(**wrong, ExpressionAttributeValues={":n": 9})
    found = of(notifications, ann)[ann]
    assert found.differences == (f"like about {gone}, which is gone", "unread: 9, expected 2")
    found.mend()
    assert differences(notifications, ann) == {}
    assert network.get(ann, "/v1/notifications/unread")["count"] == 1


def test_notifications_of_muted_people_are_not_counted_as_missing(network: Network, notifications: Comparison) -> None:
    ann, bob = network.person("a"), network.person("b")
    assert network.request(ann, "PUT", f"/v1/mutes/users/{bob}", {}).status == 204
    post = network.post(ann)["id"]
    network.request(bob, "PUT", f"/v1/posts/{post}/like")
    assert differences(notifications, bob) == {}
