"""Spellings of an object's path on which CloudFront, which normalizes, and S3, which decodes, may disagree."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, unquote_plus

from hypothesis import strategies as st

#: Text that a spelling may insert between two segments and before the first one. Some reading removes each of them.
_BETWEEN = (
    "/", "//", "/./", "/%2e/", "/x/../", "/x/%2e%2e/", "/x/.%2E/", "%2f", "%2F", "%252f", "/x%2f..%2f", "\\", "%5c",
)  # fmt: skip
_BEFORE = (
    "/media/public/../../", "/media/public/%2e%2e/%2E%2E/", "/media/public/..%2f..%2f", "/media/public%2f../../",
    "/media/public/..%5c..%5c", "/./", "//", "/%2f", "/media/../", "/v1/../", "/%6dedia/public/../../",
)  # fmt: skip
_QUERIES = (
    "",
    "?",
    "?x=/media/public/a.jpg",
    "?/media/public/",
    "?Expires=9999999999",
    "?versionId=null",
    ";x=1",
    "%3fx=1",
)


#: Typical attempts; a security report contained several of them.
def known(key: str) -> list[str]:
    """Spellings of one key, ``media/private/<id>/<name>``."""
    folder, _, rest = key.partition("/private/")
    return [
        f"/{folder}/private%2f{rest}",
        f"/{folder}/private%2F{rest}",
        f"/{folder}/%70rivate/{rest}",
        f"/{folder}/%2570rivate/{rest}",
        f"/{folder}/privat%65/{rest}",
        f"/{folder}%2fprivate/{rest}",
        f"/%6d%65dia/private/{rest}",
        f"/%2fmedia/private/{rest}",
        f"//{folder}/private/{rest}",
        f"/{folder}//private/{rest}",
        f"/{folder}/./private/{rest}",
        f"/{folder}/%2e/private/{rest}",
        f"/{folder}/public/../private/{rest}",
        f"/{folder}/public/%2e%2e/private/{rest}",
        f"/{folder}/public/..%2fprivate/{rest}",
        f"/{folder}/public/..%2Fprivate%2F{rest.replace('/', '%2f')}",
        f"/{folder}/public/..%5cprivate/{rest}",
        f"/{folder}/public/..;/private/{rest}",
        f"/{folder}\\private/{rest}",
        f"/{folder}/PRIVATE/{rest}",
        f"/{folder}/private/{rest}?x=/media/public/",
        f"/{folder}/private/{rest}%3fx",
        "/" + "".join(f"%{ord(one):02x}" for one in key),
        "/" + "".join(f"%{ord(one):02X}" if one != "/" else one for one in key),
    ]


@st.composite
def spellings(draw: st.DrawFn, key: str) -> str:
    """A request target that some reading takes for ``/<key>``, optionally with a query string.

    Half of them decode to exactly this key; the others also have dot segments, extra slashes, another case or doubly
    encoded characters.
    """
    letters = list(key)
    places = range(len(key))
    slashes = [place for place in places if key[place] == "/"]
    for place in draw(st.one_of(st.just(places), *(st.sets(st.sampled_from(one)) for one in (places, slashes)))):
        letters[place] = draw(st.sampled_from((f"%{ord(key[place]):02x}", f"%{ord(key[place]):02X}")))
    before, query = "/", draw(st.sampled_from(_QUERIES))
    if draw(st.booleans()):
        place = draw(st.integers(0, len(key) - 1))
        twisted = (f"%25{ord(key[place]):02x}", key[place].swapcase(), key[place])
        letters[place] = draw(st.sampled_from(_BETWEEN if key[place] == "/" else twisted))
        before = draw(st.sampled_from(("/", *_BEFORE)))
    return before + "".join(letters) + query


def readings(target: str) -> set[str]:
    """The paths by which CloudFront may choose a behaviour.

    As documented (RFC 3986, repeated slashes merged before or after dot segments are removed, or kept), as sent, and
    with everything decoded.
    """
    path = target.partition("?")[0]
    decoded = re.sub(
        "%([0-9a-fA-F]{2})",
        lambda found: one if (one := chr(int(found[1], 16))) in _UNRESERVED else found[0].upper(),
        path,
    )
    merged = re.sub("/{2,}", "/", decoded)
    found = {path, decoded, without_dots(decoded), without_dots(merged), re.sub("/{2,}", "/", without_dots(decoded))}
    return found | {unquote(path), without_dots(unquote(path))}


_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def without_dots(path: str) -> str:
    """RFC 3986, 5.2.4."""
    left, out = path, ""
    while left:
        if left.startswith("/./") or left == "/.":
            left = "/" + left[3:]
        elif left.startswith("/../") or left == "/..":
            left, out = "/" + left[4:], out.rpartition("/")[0]
        else:
            end = left.find("/", 1)
            end = len(left) if end < 0 else end
            out, left = out + left[:end], left[end:]
    return out


def keys(target: str) -> set[str]:
    """The keys that S3 may look up: the path decoded once; ``+`` is a space in some readings."""
    path = target.partition("?")[0].removeprefix("/")
    return {unquote(path), unquote_plus(path)}


def behaviour_of(path: str, behaviours: list[dict[str, Any]], default: dict[str, Any]) -> dict[str, Any]:
    """The first cache behaviour of a template whose pattern matches, else the default one."""
    for one in behaviours:
        pattern = "/" + one["PathPattern"].removeprefix("/")
        expression = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
        if re.fullmatch(expression, path, re.DOTALL):
            return one
    return default
