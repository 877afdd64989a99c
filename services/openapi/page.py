"""The routes of the API as a page to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_HEAD = """# HTTP API

For people who write a client.

Written by `make api` from the functions' routes; [openapi.json](openapi.json) has all shapes. JSON in and out. Ids are
ULIDs, except for people (the `sub` of their token, a UUID); times are RFC 3339 in UTC. Every route except
`GET /v1/status` requires `Authorization: Bearer <access token>`, which API Gateway checks. It requires the scope
`aws.cognito.signin.user.admin`, so ID and refresh tokens are refused (401 or 403).

Every command accepts `Idempotency-Key` (at most 64 characters): for 24 hours a retry with the same body gets the first
response, and another body gets 422; a retry while the first one still runs gets 409. Refusals are not stored: you can
send a corrected body with the same key. Errors are problem documents (RFC 9457) that say
what was expected. A wrong method gets 405, and `Allow` has all methods of the path; an unknown path gets 404.
Lists are pages `{items, older, newer}`: both cursors are opaque; `limit` is 1 to 50, 20 if absent.

## Call it with curl

`make token` signs a seeded login in and prints its access token, which is valid for an hour. While the network is up:

```sh
TOKEN=$(make token LOGIN=hana)
curl -sS http://localhost:8080/v1/me -H "Authorization: Bearer $TOKEN"
curl -sS http://localhost:8080/v1/posts -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
  -d '{"clientPostId": "'$(date +%s)'", "text": "Hello from curl", "visibility": "public"}'
```

For another account: `ASYNCSNS_LOGIN_PASSWORD=… make token LOGIN=ann@example.com`. The app client of the user pool
allows only `USER_SRP_AUTH`, so `aws cognito-idp initiate-auth` with a password is refused. `make token TARGET=aws` does
the SRP exchange there too (not run on AWS). With a [port offset](kit.md#when-a-port-is-taken), add it to the port 8080.
"""


def page_of(document: Mapping[str, Any]) -> str:
    """Markdown, one table per tag."""
    by_tag: dict[str, list[str]] = {}
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            tag = (operation.get("tags") or ["other"])[0]
            by_tag.setdefault(tag, []).append(_row(f"{verb.upper()} {path}", operation))
    parts = [_HEAD]
    for tag in sorted(by_tag):
        table = ["| Route | | Answers |", "|---|---|---|", *by_tag[tag]]
        parts.append("\n".join([f"## {tag.capitalize()}", "", *table]) + "\n")
    return "\n".join(parts)


def _row(route: str, operation: Mapping[str, Any]) -> str:
    answers = [_answer(status, one) for status, one in operation["responses"].items() if status.startswith("2")]
    return f"| `{route}` | {operation.get('summary', '')} | {', '.join(answers)} |"


def _answer(status: str, answer: Mapping[str, Any]) -> str:
    if "content" not in answer:
        return status
    (content,) = answer["content"].values()
    return f"{status} `{content['schema']['$ref'].rpartition('/')[2]}`"
