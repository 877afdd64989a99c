"""CompleteMultipartUpload refuses what S3 refuses: parts out of order, parts without ETag, parts that are too small.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

from emulation.emulator import seams

#: Each part but the last ("Amazon S3 multipart upload limits").
SMALLEST_PART = 5 * 1024 * 1024
Problem = tuple[str, str, dict[str, str]]
_MALFORMED: Problem = (
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
    {},
)
#: Number and ETag, without quotes, of each part that the request names.
Named = list[tuple[int, str]]


def refuse_small_parts() -> None:
    """Check the list of parts before MiniStack joins them."""
    s3 = seams.module("services.s3")
    complete = s3._complete_multipart_upload

    def complete_upload(
        bucket: str, key: str, body: bytes, query: dict[str, Any], headers: dict[str, str] | None = None
    ) -> Any:
        upload = s3._multipart_uploads.get(s3._qp(query, "uploadId"))
        if upload is not None and upload["bucket"] == bucket and upload["key"] == key:
            found = problem(body, upload["parts"])
            if found is not None:
                code, text, more = found
                return s3._error(code, text, 400, f"/{bucket}/{key}", more)
        return complete(bucket, key, body, query, headers)

    s3._complete_multipart_upload = complete_upload


def problem(body: bytes, stored: dict[int, dict[str, Any]]) -> Problem | None:
    """Code, message and further elements of the error; ``None`` when the parts can be joined.

    Args:
        stored: number of a part → its ``etag`` and ``size`` in bytes.
    """
    named = _named(body)
    if not named:
        return _MALFORMED
    numbers = [number for number, _ in named]
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        text = "The list of parts was not in ascending order. Parts must be ordered by part number."
        return "InvalidPartOrder", text, {}
    for number, etag in named:
        if number not in stored or stored[number]["etag"].strip('"') != etag:
            text = (
                "One or more of the specified parts could not be found.  The part may not have been uploaded, "
                "or the specified entity tag may not match the part's entity tag."
            )
            return "InvalidPart", text, {"PartNumber": str(number), "ETag": etag}
    return _too_small(named, stored)


def _too_small(named: Named, stored: dict[int, dict[str, Any]]) -> Problem | None:
    for number, etag in named[:-1]:
        size = stored[number]["size"]
        if size < SMALLEST_PART:
            sizes = {"ProposedSize": str(size), "MinSizeAllowed": str(SMALLEST_PART)}
            text = "Your proposed upload is smaller than the minimum allowed size"
            return "EntityTooSmall", text, {**sizes, "PartNumber": str(number), "ETag": etag}
    return None


def _named(body: bytes) -> Named | None:
    """The parts that the request lists; ``None`` when the body does not fit S3's schema."""
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - the emulator parses it by the same parser
        parts = [one for one in root if _local(one) == "Part"]
        fields = [{_local(child): (child.text or "").strip() for child in part} for part in parts]
        return [(int(one["PartNumber"]), one["ETag"].strip('"')) for one in fields]
    except (ElementTree.ParseError, KeyError, ValueError):
        return None


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]
