"""Refuses keys, metadata, lists and copies that S3 refuses, and supports ``Range`` of HeadObject; MiniStack accepts
all.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/ (ErrorResponses, ListObjectsV2, DeleteObjects, CopyObject,
HeadObject, GetObject, PutObjectTagging); "Naming Amazon S3 objects": a key has at most 1,024 bytes of UTF-8; "Working
with object metadata": 2 KB for the names and values of user-defined metadata.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

from emulation.emulator import seams
from emulation.emulator.byte_ranges import is_range

KEY_LIMIT = 1_024
METADATA_LIMIT = 2_048
DELETED_AT_ONCE = 1_000
TAG_KEY_LIMIT, TAG_VALUE_LIMIT = 128, 256
_USER_METADATA = "x-amz-meta-"
#: Headers that change something of an object that is copied to itself.
_CHANGES = re.compile(
    r"x-amz-(metadata-directive|tagging-directive|storage-class|website-redirect-location|server-side-encryption.*|"
    r"acl|grant-.*|checksum-algorithm|object-lock-.*)"
)
Headers = Mapping[str, str]
#: Code, message, further elements of the error.
Problem = tuple[str, str, dict[str, str]]
Reply = tuple[int, dict[str, str], bytes]


def refuse_what_s3_refuses() -> None:
    """Check requests before MiniStack acts."""
    s3 = seams.module("services.s3")
    put, create, copy, delete = s3._put_object, s3._create_multipart_upload, s3._copy_object, s3._delete_objects
    tag, put_policy = s3._put_object_tagging, s3._put_bucket_policy

    def refused(problem: Problem, bucket: str, key: str = "") -> Any:
        code, text, more = problem
        return s3._error(code, text, 400, f"/{bucket}/{key}", more)

    def put_object(bucket_name: str, key: str, body: bytes, headers: Headers) -> Any:
        found = new_object_problem(key, headers)
        return refused(found, bucket_name, key) if found else put(bucket_name, key, body, headers)

    def create_upload(bucket_name: str, key: str, headers: Headers) -> Any:
        found = new_object_problem(key, headers)
        return refused(found, bucket_name, key) if found else create(bucket_name, key, headers)

    def copy_object(bucket_name: str, dest_key: str, headers: Headers) -> Any:
        found = new_object_problem(dest_key, headers) or copy_problem(bucket_name, dest_key, headers)
        return refused(found, bucket_name, dest_key) if found else copy(bucket_name, dest_key, headers)

    def delete_objects(bucket_name: str, body: bytes, headers: Headers | None = None) -> Any:
        found = deletion_problem(body)
        return refused(found, bucket_name) if found else delete(bucket_name, body, headers)

    def put_tagging(bucket_name: str, key: str, body: bytes, query_params: dict[str, Any] | None = None) -> Any:
        found = tagging_problem(body)
        return refused(found, bucket_name, key) if found else tag(bucket_name, key, body, query_params)

    def put_bucket_policy(name: str, body: bytes) -> Any:
        return put_policy(name, body) if _is_json_object(body) else refused(_NO_POLICY, name)

    s3._put_bucket_policy = put_bucket_policy
    s3._put_object, s3._create_multipart_upload, s3._copy_object = put_object, create_upload, copy_object
    s3._delete_objects, s3._put_object_tagging = delete_objects, put_tagging
    for name in ("_list_objects_v1", "_list_objects_v2"):
        setattr(s3, name, _checked_list(s3, getattr(s3, name), refused))


def _checked_list(s3: Any, list_objects: Callable[..., Any], refused: Callable[..., Any]) -> Callable[..., Any]:
    of_tokens = s3._list_objects_v2

    def list_checked(bucket_name: str, query_params: dict[str, Any]) -> Any:
        most, encoding = s3._qp(query_params, "max-keys", "1000"), s3._qp(query_params, "encoding-type", "")
        found = list_problem(most, encoding)
        if found is None and list_objects is of_tokens and "continuation-token" in query_params:
            found = token_problem(s3._qp(query_params, "continuation-token", ""))
        if found is not None:
            return refused(found, bucket_name)
        status, headers, body = list_objects(bucket_name, {**query_params, "max-keys": [str(min(int(most), 1_000))]})
        # Of no keys nothing is left out: MiniStack promises a next page, without saying how to get it.
        return status, headers, body.replace(b"<IsTruncated>true", b"<IsTruncated>false") if int(most) == 0 else body

    return list_checked


def head_with_range() -> None:
    """HeadObject answers as GetObject with the same ``Range`` would, without the bytes."""
    s3 = seams.module("services.s3")
    head, get = s3._head_object, s3._get_object

    def get_object(
        bucket_name: str, key: str, headers: dict[str, str], query_params: dict[str, Any] | None = None
    ) -> Any:
        found = part_problem(headers, query_params or {})
        if found is None:
            return get(bucket_name, key, headers, query_params)
        return s3._error(*found[:2], 400, f"/{bucket_name}/{key}", found[2])

    def head_object(
        bucket_name: str, key: str, headers: dict[str, str] | None = None, query_params: dict[str, Any] | None = None
    ) -> Any:
        if part_problem(headers or {}, query_params or {}):
            return 400, {}, b""
        status, answered, body = head(bucket_name, key, headers, query_params)
        wanted = (headers or {}).get("range", "")
        if status != 200 or not is_range(wanted):
            return status, answered, body
        return ranged(wanted, answered)

    s3._head_object, s3._get_object = head_object, get_object


def ranged(wanted: str, answered: dict[str, str]) -> Reply:
    """The head of the range ``wanted`` of an object, of which ``answered`` is the head."""
    name = next(name for name in answered if name.lower() == "content-length")
    size = int(answered[name])
    first, last = wanted.strip().lower().removeprefix("bytes=").split("-")
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start >= size or (not first and int(last) == 0):
        return 416, {"Content-Range": f"bytes */{size}"}, b""
    return 206, {**answered, name: str(end - start + 1), "Content-Range": f"bytes {start}-{end}/{size}"}, b""


def new_object_problem(key: str, headers: Headers) -> Problem | None:
    """The refusal of a key, or of user-defined metadata, that is too long."""
    size = len(key.encode())
    if size > KEY_LIMIT:
        return "KeyTooLongError", "Your key is too long", {"Size": str(size), "MaxSizeAllowed": str(KEY_LIMIT)}
    names = [name for name in headers if name.startswith(_USER_METADATA)]
    size = sum(len(name.removeprefix(_USER_METADATA).encode()) + len(headers[name].encode()) for name in names)
    if size > METADATA_LIMIT:
        text = "Your metadata headers exceed the maximum allowed metadata size"
        return "MetadataTooLarge", text, {"Size": str(size), "MaxSizeAllowed": str(METADATA_LIMIT)}
    return None


def copy_problem(bucket: str, key: str, headers: Headers) -> Problem | None:
    """An object is copied to itself only to change something of it."""
    source = unquote(headers.get("x-amz-copy-source", "").lstrip("/"))
    if source != f"{bucket}/{key}" or any(_CHANGES.fullmatch(name) for name in headers):
        return None
    text = (
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's "
        "metadata, storage class, website redirect location or encryption attributes."
    )
    return "InvalidRequest", text, {}


def list_problem(most: str, encoding: str) -> Problem | None:
    if not re.fullmatch(r"-?[0-9]+", most):
        text = "Provided max-keys not an integer or within integer range"
    elif not 0 <= int(most) < 1 << 31:
        text = "Argument maxKeys must be an integer between 0 and 2147483647"
    elif encoding and encoding.lower() != "url":
        arguments = {"ArgumentName": "encoding-type", "ArgumentValue": encoding}
        return "InvalidArgument", "Invalid Encoding Method specified in Request", arguments
    else:
        return None
    return "InvalidArgument", text, {"ArgumentName": "max-keys", "ArgumentValue": most}


def token_problem(token: str) -> Problem | None:
    """A token is one that a page ended with: of this emulator, a key in base64."""
    try:
        if token and b64encode(b64decode(token, validate=True).decode().encode()).decode() == token:
            return None
    except ValueError:
        pass
    return "InvalidArgument", "The continuation token provided is incorrect", {"ArgumentName": "continuation-token"}


def part_problem(headers: Mapping[str, str], query: Mapping[str, Any]) -> Problem | None:
    """One part of an object, or a range of it."""
    if "range" not in headers or "partNumber" not in query:
        return None
    return "InvalidRequest", "Cannot specify both Range header and partNumber query parameter", {}


_MALFORMED: Problem = (
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
    {},
)


_NO_POLICY: Problem = ("MalformedPolicy", "This policy contains invalid Json", {})


def deletion_problem(body: bytes) -> Problem | None:
    """DeleteObjects takes 1 to 1,000 keys."""
    objects = _elements(body, "Object")
    return None if objects and len(objects) <= DELETED_AT_ONCE else _MALFORMED


def tagging_problem(body: bytes) -> Problem | None:
    tags = _elements(body, "Tag")
    if tags is None:
        return _MALFORMED
    keys = [_text(one, "Key") for one in tags]
    if len(set(keys)) < len(keys):
        return "InvalidTag", "Cannot provide multiple Tags with the same key", {}
    for one, key in zip(tags, keys, strict=True):
        if not 1 <= len(key) <= TAG_KEY_LIMIT:
            return "InvalidTag", "The TagKey you have provided is invalid", {"TagKey": key}
        if key.startswith("aws:"):
            return "InvalidTag", "System tags cannot be added/updated by requester", {}
        if len(_text(one, "Value")) > TAG_VALUE_LIMIT:
            return "InvalidTag", "The TagValue you have provided is invalid", {"TagKey": key}
    return None


def _is_json_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False


def _elements(body: bytes, name: str) -> list[ElementTree.Element] | None:
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - the emulator parses it by the same parser
    except ElementTree.ParseError:
        return None
    return [one for one in root.iter() if one.tag.rpartition("}")[2] == name]


def _text(element: ElementTree.Element, name: str) -> str:
    return next((child.text or "" for child in element if child.tag.rpartition("}")[2] == name), "")
