"""CloudFront's functions: cache, compression, OAC, signed links, the rate rule of its web ACL, access log."""

from __future__ import annotations

import contextlib
import datetime
import http.client
import json
import secrets
import socket
import time
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
from botocore.signers import CloudFrontSigner

from infra.constants import MEDIA_ACCESS_PARAMETER
from kit.drills.scene import Scene
from kit.system import has_all_loopback
from kit.words import Words
from services.common.signed_urls import sign

_TEXT = b"body { margin: 0 }\n" * 400


def play(scene: Scene) -> None:
    with _object(scene, "UiBucket", f"contract/{uuid.uuid4().hex}.css", _TEXT, "text/css") as path:
        _cache_and_compression(scene, path)
        _buckets_alone(scene, path)
    with _object(
        scene, "MediaBucket", f"media/private/{uuid.uuid4().hex}/a.jpg", b"\xff\xd8\xff", "image/jpeg"
    ) as path:
        _signed_links(scene, path)
    _rate_rule(scene)
    _access_log(scene)


@contextlib.contextmanager
def _object(scene: Scene, output: str, key: str, body: bytes, content_type: str) -> Iterator[str]:
    s3, bucket = scene.aws("s3"), scene.endpoints.document["outputs"][output]
    cache = "public, max-age=31536000, immutable"
    s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type, CacheControl=cache)
    try:
        yield f"/{key}"
    finally:
        s3.delete_object(Bucket=bucket, Key=key)


def _cache_and_compression(scene: Scene, path: str) -> None:
    for en, ja, expected in (("first", "初回", "Miss from cloudfront"), ("second", "二回目", "Hit from cloudfront")):
        seen = scene.fetch(path, **{"accept-encoding": "gzip"}).headers.get("x-cache")
        scene.expect(f"The {en} request for a file", f"ファイルの{ja}のリクエスト", expected, seen)
    for coding in ("br", "gzip"):
        with httpx.stream(
            "GET", scene.endpoints.base_url + path, headers={"accept-encoding": coding}, timeout=30
        ) as answer:
            size = sum(len(part) for part in answer.iter_raw())
            seen = answer.headers.get("content-encoding", "identity")
        text = Words(f"{seen}, {size:,} of {len(_TEXT):,} bytes", f"{seen}、{len(_TEXT):,}バイト中{size:,}バイト")
        scene.expect(
            f"Compressed for a browser that accepts {coding}",
            f"{coding}を受けるブラウザへの圧縮",
            Words(f"{coding}, smaller", f"{coding}で縮小"), text,
                     seen == coding and size < len(_TEXT))  # fmt: skip
    page = scene.fetch("/")
    named = [name for name in ("content-security-policy", "x-content-type-options") if name in page.headers]
    scene.expect("Security headers that it adds", "付与されるセキュリティヘッダー", 2, len(named))


def _buckets_alone(scene: Scene, path: str) -> None:
    bucket = scene.endpoints.document["outputs"]["UiBucket"]
    base = (
        f"{scene.endpoints.emulator_url}/{bucket}"
        if scene.endpoints.emulator_url
        else f"https://{bucket}.s3.amazonaws.com"
    )
    direct = httpx.get(base + path, timeout=30).status_code
    scene.expect(
        "The same file requested from the bucket itself (OAC)", "同じファイルをバケットに直接要求(OAC)", 403, direct
    )


def _signed_links(scene: Scene, path: str) -> None:
    access = json.loads(scene.aws("ssm").get_parameter(Name=MEDIA_ACCESS_PARAMETER)["Parameter"]["Value"])
    key = (scene.settings.home / "keys" / "media.pem").read_text("utf-8")
    signer = CloudFrontSigner(access["keyPairId"], lambda message: sign(key, message))

    def link(seconds: float) -> str:
        ends = datetime.datetime.fromtimestamp(time.time() + seconds, datetime.UTC)
        return str(signer.generate_presigned_url(access["origin"] + path, date_less_than=ends)).removeprefix(
            access["origin"]
        )

    valid = link(60)
    forged = valid.replace("Signature=", "Signature=AAAA")
    for en, ja, status, target in (
        ("without a signature", "署名なし", 403, path),
        ("by a signed link", "署名付きリンク", 200, valid),
        ("by a link that has ended", "期限切れのリンク", 403, link(-2)),
        ("by a forged link", "偽造したリンク", 403, forged),
    ):
        scene.expect(f"A private file {en}", f"非公開ファイル: {ja}", status, scene.fetch(target).status_code)


def _rate_rule(scene: Scene) -> None:
    """The rule counts each address; 127.0.0.1, which all programs here share, is exempt."""
    if not has_all_loopback():
        return
    config = scene.aws("cloudfront").get_distribution(Id=scene.endpoints.document["distribution"]["id"])["Distribution"]
    name, identity = config["DistributionConfig"]["WebACLId"].split("/")[-2:]
    acl = scene.aws("wafv2").get_web_acl(Name=name, Id=identity, Scope="CLOUDFRONT")["WebACL"]
    (rule,) = [one for one in acl["Rules"] if "RateBasedStatement" in one["Statement"]]
    limit = int(rule["Statement"]["RateBasedStatement"]["Limit"])
    hasty, calm = (f"127.{secrets.randbelow(200) + 10}.{secrets.randbelow(250) + 1}.{n}" for n in (7, 8))
    host, port = "127.0.0.1", urlsplit(scene.endpoints.base_url).port or 80
    statuses = _pipelined((host, port), hasty, limit + 1)
    served = statuses.index(429) if 429 in statuses else len(statuses)
    scene.expect(
        "WAF blocks an address after so many requests in five minutes",
        "WAFが一つのアドレスを遮断するまでの回数(5分間)",
        limit,
        served,
    )
    connection = http.client.HTTPConnection(host, port, source_address=(calm, 0), timeout=30)
    connection.request("HEAD", "/theme.js", headers={"host": "localhost"})
    scene.expect("Another address is served", "ほかのアドレスは影響を受けない", 200, connection.getresponse().status)
    connection.close()


def _pipelined(server: tuple[str, int], source: str, count: int) -> list[int]:
    """Statuses of so many requests of one address, sent without waiting for the answers of fifty at a time."""
    found: list[int] = []
    with socket.create_connection(server, timeout=30, source_address=(source, 0)) as connection:
        answers = connection.makefile("rb")
        while len(found) < count:
            batch = min(50, count - len(found))
            connection.sendall(b"HEAD /theme.js HTTP/1.1\r\nhost: localhost\r\n\r\n" * batch)
            for _ in range(batch):
                found.append(int(answers.readline().split()[1]))
                while answers.readline().strip():
                    pass
    return found


def _access_log(scene: Scene) -> None:
    mark = f"/robots.txt?drill={scene.run}"
    scene.fetch(mark)
    log = scene.log_file("cloudfront-access.log")
    scene.within(
        "The access log has the request", "アクセスログにリクエストが残る", 20,
        lambda: f"drill={scene.run}" in log.read_text("utf-8", errors="replace")[-200_000:], bool,
    )  # fmt: skip
