"""Uploads the built UI: content types, cache headers by name, and the files of the previous release for open pages.

A page that was opened before a deployment loads its chunks by their old names. So the hashed files of the previous
release stay; those of older releases are deleted.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from kit.deploy.resources import Aws

IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
SHORT = "public, max-age=300"

#: Of this release and the one before it, the names of the files with hashes.
RELEASES = "releases.json"

#: The bundler puts a content hash into a name: ``index-B3xYz_-1.js``.
_HASHED = re.compile(r"-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$")
#: Written by the finish step, not by the build.
OF_DEPLOYMENTS = frozenset(("config.json", "architecture.json"))
_REVALIDATED = {"index.html", "sw.js", "manifest.webmanifest", *OF_DEPLOYMENTS}
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
    ".map": "application/json",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True)
class UiFile:
    """One object of the UI bucket."""

    key: str
    path: Path

    @property
    def content_type(self) -> str:
        guessed = mimetypes.guess_type(self.key)[0]
        return _TYPES.get(self.path.suffix) or guessed or "application/octet-stream"

    @property
    def cache_control(self) -> str:
        """Hashed names never change; entry points are asked for each time; the rest may be minutes old."""
        name = self.key.rsplit("/", 1)[-1]
        if name in _REVALIDATED or name.endswith(".html"):
            return REVALIDATE
        return IMMUTABLE if self.key.startswith("assets/") and _HASHED.search(name) else SHORT


def files_of(dist: Path) -> Iterator[UiFile]:
    """Files of a build; entry points last, so that nobody gets one whose assets are not there yet."""
    files = [UiFile(path.relative_to(dist).as_posix(), path) for path in dist.rglob("*") if path.is_file()]
    return iter(sorted(files, key=lambda file: (file.cache_control == REVALIDATE, file.key)))


def upload(aws: Aws, bucket: str, dist: Path) -> int:
    """Upload changed files, delete files that neither this build nor the previous release has; returns the number of
    uploads."""
    s3 = aws.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    there = {row["Key"]: row["ETag"].strip('"') for page in pages for row in page.get("Contents", [])}
    files = list(files_of(dist))
    changed = [file for file in files if there.get(file.key) != etag(file.path.read_bytes())]
    assets = [file for file in changed if file.cache_control != REVALIDATE]
    entries = [file for file in changed if file.cache_control == REVALIDATE]

    def put(file: UiFile) -> None:
        put_object(aws, bucket, file.key, file.path.read_bytes(), file.content_type, file.cache_control)

    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(put, assets))
    for file in entries:
        put(file)
    kept = _keep_releases(aws, bucket, sorted(file.key for file in files if file.cache_control == IMMUTABLE), there)
    gone = sorted(set(there) - {file.key for file in files} - kept - {*OF_DEPLOYMENTS, RELEASES})
    for start in range(0, len(gone), 1000):
        batch = [{"Key": key} for key in gone[start : start + 1000]]
        s3.delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})
    return len(changed)


def _keep_releases(aws: Aws, bucket: str, hashed: list[str], there: Mapping[str, str]) -> set[str]:
    """Hashed files of the release before this one; ``releases.json`` remembers those of both.

    The same build, uploaded again, is no new release.
    """
    s3 = aws.client("s3")
    known = json.loads(s3.get_object(Bucket=bucket, Key=RELEASES)["Body"].read()) if RELEASES in there else []
    releases = known if known and known[0] == hashed else [hashed, *known[:1]]
    if releases != known:
        put_object(aws, bucket, RELEASES, json.dumps(releases).encode(), "application/json", REVALIDATE)
    return {key for release in releases[1:] for key in release}


def put_object(aws: Aws, bucket: str, key: str, body: bytes, content_type: str, cache_control: str) -> None:
    """One object with its headers."""
    aws.client("s3").put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type, CacheControl=cache_control)


def etag(body: bytes) -> str:
    """S3's ETag of an object put in one part without KMS: the MD5 of its bytes."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest()
