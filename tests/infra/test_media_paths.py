"""With any spelling of a path, unsigned requests reach public media and nothing else in the bucket.

CloudFront chooses the behaviour by the normalized path and sends the path as it came; S3 decodes it ("Cache behavior
settings", Path normalization).
"""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.constants import SERVED_PUBLIC
from kit.deploy.signing import needs_signature
from services.media.model import public_key, served_key
from tests.infra.templates import Json, Templates, text
from tests.support.spellings import behaviour_of, keys, known, readings, spellings

MEDIUM = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
PRIVATE = [served_key(MEDIUM, name) for name in ("original.jpg", "thumb.webp", "w1280.avif")]
#: Other objects in the bucket: former locations of public copies, and unprocessed uploads.
OTHERS = [f"media/{MEDIUM}/thumb.webp", f"uploads/person/{MEDIUM}"]


def distribution(templates: Templates) -> Json:
    (row,) = templates.resources("AWS::CloudFront::Distribution").values()
    config: Json = row["DistributionConfig"]
    return config


def media_origin(config: Json) -> str:
    (origin,) = [row["Id"] for row in config["Origins"] if "asyncsns-media" in text(row["DomainName"])]
    return str(origin)


def leaks(config: Json, target: str, private: list[str]) -> list[str]:
    """The private keys that an unsigned target reaches, by any reading of it."""
    reached = [key for key in keys(target) if key in private]
    found = (behaviour_of(path, config["CacheBehaviors"], config["DefaultCacheBehavior"]) for path in readings(target))
    opened = any(one["TargetOriginId"] == media_origin(config) and not one.get("TrustedKeyGroups") for one in found)
    return reached if opened else []


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_no_spelling_reaches_a_private_key_without_a_signature(aws: Templates, data: st.DataObject) -> None:
    config, private = distribution(aws), PRIVATE + OTHERS
    target = data.draw(st.sampled_from(private).flatmap(spellings))
    assert leaks(config, target, private) == [], target


@pytest.mark.parametrize("target", [spelled for key in PRIVATE for spelled in known(key)])
def test_no_known_spelling_reaches_a_private_key_without_a_signature(aws: Templates, target: str) -> None:
    assert leaks(distribution(aws), target, PRIVATE) == []


@pytest.mark.parametrize(
    "open_pattern", ["/media/*", "/media/p*", "/media/????????*", "*.jpg", "/media/*/original.jpg", "/media/public*"]
)
def test_the_check_notices_an_exception_that_is_too_wide(aws: Templates, open_pattern: str) -> None:
    """Includes an exception that this distribution once had: all of ``/media/`` except ``/media/private/``."""
    config = distribution(aws)
    signed, origin = {"PathPattern": "/media/private/*", "TrustedKeyGroups": ["k"]}, media_origin(config)
    rows: list[dict[str, Any]] = [{"PathPattern": open_pattern, "TargetOriginId": origin}]
    rows = [{**signed, "TargetOriginId": origin}, *rows] if open_pattern == "/media/*" else rows
    wide = {**config, "CacheBehaviors": rows}
    private = [*PRIVATE, "media/publications/original.jpg"]
    targets = [spelled for key in PRIVATE for spelled in (f"/{key}", *known(key))] + [
        "/media/publications/original.jpg"
    ]
    assert any(leaks(wide, target, private) for target in targets)


@pytest.mark.parametrize("target", ["embedded", "aws"])
def test_all_media_but_public_ones_are_signed_by_default(target: str, request: pytest.FixtureRequest) -> None:
    config = distribution(request.getfixturevalue(target))
    origin = media_origin(config)
    served = [row for row in config["CacheBehaviors"] if row["TargetOriginId"] == origin]
    assert [row["PathPattern"] for row in served] == [f"/{SERVED_PUBLIC}*", "/media/*"]
    assert config["DefaultCacheBehavior"]["TargetOriginId"] != origin
    # CloudFormation creates no key group on emulators: the deployment adds it to the same behaviours there. Until then
    # they trust signers whose keys nobody has.
    signed = "TrustedKeyGroups" if target == "aws" else "TrustedSigners"
    assert [[name for name in row if name.startswith("Trusted")] for row in served] == [[], [signed]]
    assert [needs_signature(row["PathPattern"]) for row in served] == [False, True]
    assert public_key(MEDIUM, "x").startswith(SERVED_PUBLIC)
    assert not any(key.startswith(SERVED_PUBLIC) for key in PRIVATE + OTHERS)


def test_both_kinds_of_media_have_one_spelling(aws: Templates) -> None:
    """The function gets the path as sent. An admitted path equals the key: one copy per object."""
    config = distribution(aws)
    names = set()
    for row in config["CacheBehaviors"]:
        if row["TargetOriginId"] == media_origin(config):
            (association,) = row["FunctionAssociations"]
            assert association["EventType"] == "viewer-request"
            names.add(association["FunctionARN"]["Fn::GetAtt"][0])
    (name,) = names
    (function,) = [
        row["FunctionCode"]
        for key, row in aws.resources("AWS::CloudFront::Function").items()
        if key.endswith(f"/{name}")
    ]
    served = [*PRIVATE, public_key(MEDIUM, "thumb.webp"), f"media/{MEDIUM}/thumb.webp"]
    spelled = {target.partition("?")[0] for key in PRIVATE for target in known(key)} - {f"/{key}" for key in served}
    spelled |= {
        f"/{public_key(MEDIUM, 'thumb.webp')}/",
        "/media/public/%74humb.webp",
        "/media/../media/public/a.webp",
        "/media/",
    }
    passed = _passed(function, [*(f"/{key}" for key in served), *sorted(spelled)])
    assert {path for path in passed if path[1:] not in served} <= {path for path in spelled if "PRIVATE" in path}
    assert set(passed) >= {f"/{key}" for key in served}
    assert all(keys(path) == {path[1:]} for path in passed)


def _passed(function: str, paths: list[str]) -> list[str]:
    """The paths that the function passes on unchanged."""
    script = (
        f"{function}\nconst paths = {json.dumps(paths)};\n"
        "const kept = (uri) => { const r = handler({ request: { uri } }); return !r.statusCode && r.uri === uri; };\n"
        "console.log(JSON.stringify(paths.filter(kept)));"
    )
    ended = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True, timeout=60)
    found: list[str] = json.loads(ended.stdout)
    return found
