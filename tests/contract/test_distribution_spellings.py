"""Private media of the deployed distribution, requested with every spelling of their path.

CloudFront chooses the behaviour by the normalized path ("Cache behavior settings", Path normalization), sends the path
as it came, and S3 decodes it.
"""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.common.ids import new_id
from tests.contract.deployed_edge import IMMUTABLE, DeployedEdge
from tests.contract.test_distribution_signatures import PHOTO, Signer
from tests.support.spellings import keys, known, spellings


@dataclass
class Medium:
    """A private file; ``ask`` sends a request target unchanged."""

    edge: DeployedEdge
    key: str

    def ask(self, target: str) -> tuple[int, bytes]:
        parts = urlsplit(self.edge.base)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        try:
            connection.request("GET", target)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def shown(self, target: str) -> bool:
        """Whether the file was returned. The UI may answer paths outside media."""
        status, body = self.ask(target)
        assert status != 200 or PHOTO in body or b"<html" in body, (target, body[:80])
        return PHOTO in body


@pytest.fixture
def medium(deployed_edge: DeployedEdge) -> Medium:
    key = f"media/private/{new_id()}/original.jpg"
    deployed_edge.put(deployed_edge.media_bucket, key, PHOTO, "image/jpeg", IMMUTABLE)
    return Medium(deployed_edge, key)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_spelling_opens_it_without_a_signature(medium: Medium, data: st.DataObject) -> None:
    target = data.draw(spellings(medium.key))
    assert not medium.shown(target), target


def test_no_known_spelling_opens_it_without_a_signature(medium: Medium) -> None:
    signer = Signer(medium.edge)
    assert medium.shown(signer.url(f"/{medium.key}"))
    # The file is cached by now: others still do not get it.
    assert [target for target in (f"/{medium.key}", *known(medium.key)) if medium.shown(target)] == []


def test_a_signature_for_another_spelling_opens_nothing(medium: Medium) -> None:
    """One object has one address, so only one copy is cached, and an invalidation covers it."""
    signer = Signer(medium.edge)
    everything = signer.policy("/*")
    tries = [one for one in known(medium.key) if "?" not in one and keys(one) == {medium.key}]
    assert len(tries) > 5
    assert [one for one in tries if medium.shown(signer.url(one)) or medium.shown(signer.url(one, everything))] == []
    folder, name = medium.key.rsplit("/", 1)
    link = signer.url(f"/{folder}/{name}", signer.policy(f"/{folder}/*"))
    assert medium.shown(link)
    assert not medium.shown(link.replace(name, "%6f" + name[1:]))
    assert not medium.shown(link.replace(f"/{name}", f"//{name}"))
    assert not medium.shown(link.replace(f"/{name}", f"/./{name}"))


def test_a_public_copy_has_one_address_too(deployed_edge: DeployedEdge) -> None:
    key = f"media/public/{new_id()}/thumb.webp"
    deployed_edge.put(deployed_edge.media_bucket, key, PHOTO, "image/webp", IMMUTABLE)
    public = Medium(deployed_edge, key)
    assert public.shown(f"/{key}")
    others = (key.replace("public", "%70ublic"), key.replace("thumb", "%74humb"), key.replace("/thumb", "%2fthumb"))
    assert [one for one in others if public.shown(f"/{one}")] == []


def test_an_extra_slash_is_part_of_the_key(deployed_edge: DeployedEdge) -> None:
    """S3 does not normalize keys: ``//a.css`` is the object ``/a.css``, not ``a.css``."""
    path = deployed_edge.page(PHOTO)
    page = Medium(deployed_edge, path[1:])
    assert page.shown(path)
    assert page.shown(path.replace("contract", "%63ontract"))
    assert not page.shown(f"/{path}")
    assert not page.shown(path.replace("contract/", "contract/./"))
    assert not page.shown(path.replace("contract/", "contract/../contract/"))
