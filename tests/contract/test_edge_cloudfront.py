"""CloudFront Developer Guide: "Manage how long content stays in the cache", "Invalidate files to remove content",
"Serve compressed files", "Restrict access to an Amazon S3 origin", "Customize at the edge with CloudFront Functions",
"Request and response behavior for Amazon S3 origins", "CloudFront quotas".
"""

from __future__ import annotations

import ssl
import uuid

import httpx

from tests.contract.edge_support import EdgeNetwork
from tests.contract.emulator_process import wait_until


def new_file(edge: EdgeNetwork, body: bytes, kind: str = "text/css", **options: str) -> str:
    """Put a file for one test into the UI bucket; returns its URL."""
    name = f"{uuid.uuid4().hex}.css"
    edge.put(edge.ui_bucket, name, body, kind, **options)
    return f"{edge.cdn}/{name}"


def test_the_second_request_is_a_hit_with_an_age(edge: EdgeNetwork) -> None:
    url = new_file(edge, b"a" * 10, CacheControl="max-age=60")
    first, second = edge.client.get(url), edge.client.get(url)
    assert (first.headers["x-cache"], second.headers["x-cache"]) == ("Miss from cloudfront", "Hit from cloudfront")
    assert "age" not in first.headers
    assert int(second.headers["age"]) >= 0
    assert second.content == b"a" * 10


def test_a_stale_object_is_revalidated_with_its_etag(edge: EdgeNetwork) -> None:
    url = new_file(edge, b"a" * 10, CacheControl="max-age=0")
    assert edge.client.get(url).headers["x-cache"] == "Miss from cloudfront"
    found = wait_until(
        lambda: next(
            (a for a in [edge.client.get(url)] if a.headers["x-cache"] == "RefreshHit from cloudfront"), None
        ),
        60, "a refresh after the minimum TTL of one second",
    )  # fmt: skip
    assert found.status_code == 200
    assert found.content == b"a" * 10


def test_an_invalidation_removes_the_named_paths(edge: EdgeNetwork) -> None:
    url = new_file(edge, b"old", CacheControl="max-age=3600")
    key = url.rsplit("/", 1)[1]
    edge.client.get(url)
    edge.put(edge.ui_bucket, key, b"new", "text/css")
    assert edge.client.get(url).content == b"old"
    batch = {"Paths": {"Quantity": 1, "Items": [f"/{key}"]}, "CallerReference": key}
    edge.emulator.client("cloudfront").create_invalidation(DistributionId=edge.distribution, InvalidationBatch=batch)
    wait_until(lambda: edge.client.get(url).content == b"new", 60, "the new content after an invalidation")


def test_text_is_compressed_brotli_first(edge: EdgeNetwork) -> None:
    url = new_file(edge, b"body { color: red }\n" * 200, CacheControl="max-age=60")
    brotli = edge.client.get(url, headers={"accept-encoding": "gzip, br"})
    gzip = edge.client.get(url, headers={"accept-encoding": "gzip"})
    plain = edge.client.get(url, headers={"accept-encoding": "identity"})
    assert [a.headers.get("content-encoding") for a in (brotli, gzip, plain)] == ["br", "gzip", None]
    assert brotli.content == gzip.content == plain.content
    assert brotli.headers["etag"] == "W/" + plain.headers["etag"]
    assert int(brotli.headers["content-length"]) < 200


def test_small_files_and_pictures_are_not_compressed(edge: EdgeNetwork) -> None:
    small = new_file(edge, b"a" * 999)
    picture = new_file(edge, b"a" * 5000, kind="image/jpeg")
    for url in (small, picture):
        answer = edge.client.get(url, headers={"accept-encoding": "gzip, br"})
        assert "content-encoding" not in answer.headers


def test_ranges_and_conditions_are_answered_from_the_cache(edge: EdgeNetwork) -> None:
    url = new_file(edge, bytes(range(200)), kind="video/mp4", CacheControl="max-age=60")
    for expected in ("Miss", "Hit"):
        part = edge.client.get(url, headers={"range": "bytes=10-19"})
        assert (part.status_code, part.content) == (206, bytes(range(10, 20)))
        assert part.headers["content-range"] == "bytes 10-19/200"
        assert part.headers["x-cache"].startswith(expected)
        whole = edge.client.get(url)
    assert edge.client.get(url, headers={"if-none-match": whole.headers["etag"]}).status_code == 304
    assert edge.client.get(url, headers={"range": "bytes=500-"}).status_code == 416
    head = edge.client.head(url)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "200")


def test_the_bucket_policy_limits_the_files_that_cloudfront_reads(edge: EdgeNetwork) -> None:
    """``/open/*`` is in the media bucket, whose policy admits the distribution only below ``/media/``."""
    answer = edge.client.get(edge.cdn + "/open/a.jpg")
    assert answer.status_code == 403
    assert "<Code>AccessDenied</Code>" in answer.text


def test_a_missing_object_is_403_without_the_right_to_list(edge: EdgeNetwork) -> None:
    answer = edge.client.get(edge.cdn + "/nothing.css")
    assert answer.status_code == 403
    assert "<Code>AccessDenied</Code>" in answer.text


def test_a_function_rewrites_answers_and_fails(edge: EdgeNetwork) -> None:
    assert "<p>page</p>" in edge.client.get(edge.cdn + "/people/someone").text
    moved = edge.client.get(edge.cdn + "/moved")
    assert (moved.status_code, moved.headers["location"]) == (302, "/")
    assert moved.headers["x-cache"] == "FunctionGeneratedResponse from cloudfront"
    assert edge.client.get(edge.cdn + "/throws").status_code == 503


def test_answers_have_security_headers_and_cloudfronts_own(edge: EdgeNetwork) -> None:
    headers = edge.client.get(edge.cdn + "/").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["strict-transport-security"].startswith("max-age=")
    assert headers["via"].endswith("(CloudFront)")
    assert len(headers["x-amz-cf-id"]) == 56
    assert headers["x-amz-cf-pop"]


def test_a_method_that_the_behaviour_does_not_allow_is_403(edge: EdgeNetwork) -> None:
    answer = edge.client.post(edge.cdn + "/")
    assert answer.status_code == 403
    assert "not configured to allow the HTTP request method" in answer.text


def test_a_long_url_is_413(edge: EdgeNetwork) -> None:
    assert edge.client.get(f"{edge.cdn}/{'a' * 8191}").status_code != 413
    assert edge.client.get(f"{edge.cdn}/{'a' * 8192}").status_code == 413
    assert edge.client.get(edge.cdn + "/", headers={"x-long": "a" * 20_480}).status_code == 413


def test_the_api_origin_gets_the_values_that_the_policy_forwards(edge: EdgeNetwork) -> None:
    answer = edge.client.post(edge.cdn + "/v1/echo?a=1&b=x%20y", json={"n": 1}, headers={"cookie": "s=1"})
    event = answer.json()
    assert event["rawQueryString"] == "a=1&b=x%20y"
    assert event["cookies"] == ["s=1"]
    assert event["headers"]["host"] == f"{edge.http_api}.execute-api.us-east-1.amazonaws.com"
    assert event["headers"]["x-forwarded-for"].startswith("127.0.0.1, ")
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.headers["x-cache"] == "Miss from cloudfront"


def test_errors_are_cached_unless_the_origin_forbids(edge: EdgeNetwork) -> None:
    """ "How CloudFront processes HTTP 4xx and 5xx status codes": 404 obeys no-store, 500 is cached ten seconds."""
    for _ in range(2):
        assert edge.client.get(edge.cdn + "/v1/a/missing").json() == {"title": "mine"}
    path = f"/v1/{uuid.uuid4().hex}/raise"
    first, second = edge.client.get(edge.cdn + path), edge.client.get(edge.cdn + path)
    assert (first.status_code, second.status_code) == (500, 500)
    assert "age" not in first.headers
    assert "age" in second.headers


def test_a_rate_based_rule_blocks_one_address(edge: EdgeNetwork) -> None:
    with httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.9"), timeout=60) as other:
        statuses = [other.get(edge.cdn + "/").status_code for _ in range(12)]
    assert statuses == [200] * 10 + [403] * 2
    assert edge.client.get(edge.cdn + "/").status_code == 200


def test_https_is_served_with_a_certificate_of_the_machine(edge: EdgeNetwork) -> None:
    port = 8443 + edge.emulator.offset
    trusted = ssl.create_default_context(cafile=str(edge.emulator.home / "edge" / "localhost.pem"))
    with httpx.Client(verify=trusted, timeout=60) as client:
        assert client.get(f"https://localhost:{port}/").status_code == 200


def test_every_request_is_in_the_standard_log(edge: EdgeNetwork) -> None:
    marker = uuid.uuid4().hex
    edge.client.get(f"{edge.cdn}/?{marker}")
    path = edge.emulator.home / "logs" / "cloudfront-access.log"
    line = wait_until(
        lambda: next((t for t in path.read_text().splitlines() if marker in t), None), 60, "the access log line"
    )
    fields = line.split("\t")
    assert len(fields) == 33
    assert (fields[5], fields[7], fields[8], fields[11]) == ("GET", "/", "200", marker)
