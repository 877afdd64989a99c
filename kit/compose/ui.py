"""``python -m kit.compose.ui FOLDER``: exports the UI for a separate static server (`docker compose --profile ui up
-d`).

Every file is read through the edge, which is CloudFront here, and ``nginx.conf`` gives each the headers that it had
there. Pages are those of CloudFront's function; the API and media are passed on to the edge.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from emulation.private import keep_private
from kit.deploy.ui import OF_DEPLOYMENTS, files_of
from kit.settings import Settings, checkout_root

PORT = 8087
#: Of CloudFront, of S3, of this one answer: nginx has its own.
_OWN = re.compile(
    r"(?:content-(?:length|encoding)|date|server|etag|last-modified|age|via|vary|accept-ranges|x-cache|x-amz-.*)"
)
#: Types that are worth compressing.
_TEXT = re.compile(r"text/|.*(?:json|xml|javascript)")
#: Behaviours of the distribution (``infra/stacks/edge.py``) that are not the UI's.
PASSED_ON = ("/v1/", "/v2/", "/media/")
_FUNCTION = checkout_root() / "infra" / "cloudfront" / "spa_rewrite.js"
_HEAD = """\
pid /tmp/nginx.pid;
error_log stderr warn;
events {{}}
http {{
  access_log off;
  server_tokens off;
  client_body_temp_path /tmp/body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
  client_max_body_size 10m;
  gzip on;
  gzip_types {types};
  types {{}}
  server {{
    listen {port};
    root {folder}/files;
"""


@dataclass(frozen=True)
class Answer:
    """The edge's response for a path."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @classmethod
    def of(cls, edge: httpx.Client, path: str) -> Answer:
        got = edge.get(path, headers={"accept-encoding": "identity"})
        kept = tuple((name, value) for name, value in got.headers.items() if not _OWN.fullmatch(name))
        return cls(got.status_code, kept, got.content)


def pages() -> str:
    """The regular expression of pages, as CloudFront's function has it."""
    block = re.search(r"PAGES = new RegExp\((.*?)\);", _FUNCTION.read_text("utf-8"), re.DOTALL)
    assert block is not None
    words: list[str] = re.findall(r"'([^']*)'", block[1])
    start, *parts, between, end = words
    assert between == "|"
    return start + "|".join(parts) + end


def write(edge: httpx.Client, folder: Path, names: Iterable[str]) -> int:
    """Files and configuration into ``folder``; returns how many files.

    Raises:
        ValueError: the edge does not have one of them.
    """
    found = {name: Answer.of(edge, f"/{name}") for name in names}
    if missing := [name for name, answer in found.items() if answer.status != 200]:
        raise ValueError(f"the edge does not serve {', '.join(missing)}: deploy first")
    absent = {"no-file": Answer.of(edge, "/absent.txt"), "no-page": Answer.of(edge, "/no/such/page")}
    for name, answer in (found | absent).items():
        file = folder / "files" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(answer.body)
    text = "\n".join(configuration(str(edge.base_url).rstrip("/"), folder, found, absent))
    (folder / "nginx.conf").write_text(text + "\n", "utf-8")
    return len(found)


def configuration(edge: str, folder: Path, found: dict[str, Answer], absent: dict[str, Answer]) -> Iterator[str]:
    """Lines of ``nginx.conf``. In a location without regular expression the longest prefix wins, ``=`` before all."""
    kinds = {value for answer in found.values() for name, value in answer.headers if name == "content-type"}
    types = " ".join(_quoted(kind) for kind in sorted(kinds) if _TEXT.match(kind) and "html" not in kind)
    yield _HEAD.format(port=PORT, folder=folder, types=types or "text/css").rstrip()
    for name, answer in found.items():
        yield from _location(f"= /{name}", answer)
    yield from _location(f'~ "{pages()}"', found["index.html"], "try_files /index.html =404;")
    for prefix in PASSED_ON:
        # By the host that the client named: the edge refuses those that are not this machine's (DNS rebinding).
        yield from (f"    location ^~ {prefix} {{", f"      proxy_pass {edge};",
                    "      proxy_set_header Host $http_host;", "      proxy_buffering off;", "    }")  # fmt: skip
    for name, pattern in (("no-file", r'~ "/[^/]+\.[A-Za-z0-9]+$"'), ("no-page", "/")):
        answer = absent[name]
        yield from (f"    location {pattern} {{", f"      error_page {answer.status} @{name};",
                    f"      return {answer.status};", "    }")  # fmt: skip
        yield from _location(f"@{name}", answer, f"try_files /{name} ={answer.status};")
    yield from ("  }", "}")


def _location(which: str, answer: Answer, *more: str) -> Iterator[str]:
    yield f"    location {which} {{"
    for name, value in answer.headers:
        if name == "content-type":
            yield f"      default_type {_quoted(value)};"
        else:
            yield f"      add_header {name} {_quoted(value)} always;"
    yield from (f"      {line}" for line in more)
    yield "    }"


def _quoted(value: str) -> str:
    """Raises ValueError: nginx would take a part of it for a variable."""
    if "$" in value:
        raise ValueError(f"expected a header without $, which nginx would take for a variable, got {value}")
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def main(arguments: list[str]) -> int:
    """1 when the edge lacks a file; 2 for other arguments than a folder."""
    if len(arguments) != 1:
        print(f"expected a folder, got {' '.join(arguments)!r}", file=sys.stderr)
        return 2
    keep_private()
    settings = Settings.load()
    names = [file.key for file in files_of(settings.root / "frontend-static" / "dist")]
    try:
        with httpx.Client(base_url=settings.url("edge"), timeout=60) as edge:
            print(f"{write(edge, Path(arguments[0]), [*names, *sorted(OF_DEPLOYMENTS)])} files")
    except (ValueError, httpx.HTTPError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
