"""Another site's page in the same browser can have no effect on any local port, with any method that pages have.

It is served from another port of this machine (same-site with everything here), and from a host name that resolves to
this machine (DNS rebinding: same-origin with the listener itself).
"""

from __future__ import annotations

import base64
import io
import threading
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from playwright.sync_api import Browser, Page

from emulation.settings import REGION
from kit.browsers import headless_chromium
from kit.client.endpoints import Endpoints
from kit.settings import Settings
from tests.browser.conftest import unique

pytestmark = pytest.mark.long

SETTINGS = Settings.load()
EVIL = "evil.test"
#: A timeout for busy machines.
ASK = httpx.Client(timeout=60)
_LISTENERS = ("edge", "gateway", "console", "push", "pump", "webtransport", "emulator", "search")
_SIGNED = f"AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/{{}}/aws4_request, SignedHeaders=host, Signature=0"

#: Each method of a page: its result is the visible answer, or the reason why there is none.
_MEANS = """() => {
  const told = (promise) => promise.then(async (answer) => `${answer.status} ${await answer.text()}`, () => 'nothing');
  const settled = (start) => new Promise((resolve) => { setTimeout(() => resolve('nothing'), 5000); start(resolve); });
  window.cors = (url, options) => told(fetch(url, { method: 'POST', ...options }));
  window.simple = (url, body, method = 'POST') => told(fetch(url, {
    method, mode: 'no-cors', body: method === 'GET' ? undefined : body, headers: { 'content-type': 'text/plain' },
  }));
  window.image = (url) => settled((done) => {
    const image = new Image();
    image.onload = () => done('loaded');
    image.onerror = () => done('nothing');
    image.src = url;
  });
  window.script = (url) => settled((done) => {
    const script = Object.assign(document.createElement('script'), { src: url });
    script.onload = () => done('loaded');
    script.onerror = () => done('nothing');
    document.head.append(script);
  });
  // A page whose origin is null, by a form and by fetch: what it gets done shows at the listener.
  window.sandboxed = (url, body) => settled((done) => {
    const inside = `fetch(${JSON.stringify(url)}, { method: 'POST', mode: 'no-cors', body: ${JSON.stringify(body)} })
      .then(() => 0, () => 0).then(() => parent.postMessage('sent', '*'));`;
    const frame = Object.assign(document.createElement('iframe'), { srcdoc: `<script>${inside}<\\/script>` });
    frame.sandbox = 'allow-scripts allow-forms';
    window.addEventListener('message', () => done('sent'), { once: true });
    document.body.append(frame);
  });
  window.beacon = (url, body) => Promise.resolve(navigator.sendBeacon(url, body) ? 'sent' : 'nothing');
  window.submit = (url, fields) => settled((done) => {
    const frame = Object.assign(document.createElement('iframe'), { name: `f${Math.random()}` });
    const form = Object.assign(document.createElement('form'), { action: url, method: 'POST', target: frame.name });
    for (const [name, value] of Object.entries(fields)) {
      form.append(Object.assign(document.createElement('input'), { name, value }));
    }
    document.body.append(frame, form);
    form.submit();
    frame.onload = () => done('sent');
  });
  window.socket = (url) => settled((done) => {
    const socket = new WebSocket(url);
    socket.onopen = () => done('open');
    socket.onerror = () => done('nothing');
  });
}"""


class HostilePage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Free prizes</title><body>")

    def log_message(self, *_: object) -> None:
        """Disables request logging."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[int]:
    """The port of another program on this machine that serves a page."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), HostilePage)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()


@pytest.fixture(scope="module")
def rebound(chromium: Browser) -> Iterator[Browser]:
    """A browser that resolves a public name to this machine, as an attacker's name server would."""
    arguments = [f"--host-resolver-rules=MAP {EVIL} 127.0.0.1"]
    browser = chromium.browser_type.launch(executable_path=_executable(), args=arguments)
    yield browser
    browser.close()


def _executable() -> str:
    found = headless_chromium()
    assert found
    return found


@pytest.fixture
def page(rebound: Browser) -> Iterator[Page]:
    context = rebound.new_context(service_workers="block")
    context.add_init_script(f"({_MEANS})()")
    yield context.new_page()
    context.close()


@pytest.fixture(autouse=True)
def embedded(endpoints: Endpoints) -> None:
    if endpoints.document["target"] != "embedded":
        pytest.skip("the listeners of the embedded target are attacked")


def url(name: str, path: str = "/", host: str = "127.0.0.1") -> str:
    return f"http://{host}:{SETTINGS.port(name)}{path}"


class Loot:
    """The targets of one page's attacks, and checks of whether any attack succeeded."""

    def __init__(self) -> None:
        self.name = unique("loot")
        self.before = ASK.get(url("push", "/_health")).json()
        self.index = ASK.put(url("search", f"/{self.name}"), json={"mappings": {"dynamic": "false", "properties": {}}})
        assert self.index.status_code == 200, self.index.text

    def aws(self, service: str, endpoint: str = "", config: Config | None = None) -> Any:
        keys = SETTINGS.emulation.credentials.for_boto3()
        where = endpoint or SETTINGS.url("emulator")
        return boto3.client(service, endpoint_url=where, region_name=REGION, config=config, **keys)

    def new_function(self) -> dict[str, Any]:
        """CreateFunction with the attacker's code."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("app.py", "def handler(event, context): return 1\n")
        code = {"ZipFile": base64.b64encode(buffer.getvalue()).decode()}
        role = self.aws("iam").list_roles()["Roles"][0]["Arn"]
        return {
            "FunctionName": self.name,
            "Runtime": "python3.11",
            "Role": role,
            "Handler": "app.handler",
            "Code": code,
        }

    def new_document(self) -> str:
        """One document for ``_bulk``."""
        return f'{{"index":{{"_index":"{self.name}","_id":"1"}}}}\n{{}}\n'

    def new_queue(self, suffix: str) -> dict[str, str]:
        """CreateQueue as a query, which a form and an image can send."""
        now = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        return {
            "Action": "CreateQueue", "Version": "2012-11-05", "QueueName": f"{self.name}-{suffix}",
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Date": now, "X-Amz-Expires": "600",
            "X-Amz-Credential": f"test/{now[:8]}/{REGION}/sqs/aws4_request", "X-Amz-SignedHeaders": "host",
            "X-Amz-Signature": "0",
        }  # fmt: skip

    def taken(self, endpoints: Endpoints) -> list[str]:
        """The attacks that succeeded."""
        functions = [one["FunctionName"] for one in self.aws("lambda").list_functions()["Functions"]]
        queues = self.aws("sqs").list_queues(QueueNamePrefix=self.name).get("QueueUrls", [])
        after = ASK.get(url("push", "/_health")).json()
        found = {
            "a function": self.name in functions,
            "a document": ASK.get(url("search", f"/{self.name}/_doc/1")).status_code != 404,
            "a fault": ASK.get(f"{endpoints.base_url}/v1/status").status_code != 200,
            "a subscription": after["subscriptions"] != self.before["subscriptions"],
        }
        return [what for what, came in found.items() if came] + queues

    def leave(self) -> None:
        ASK.delete(url("search", f"/{self.name}"))


@pytest.fixture
def loot() -> Iterator[Loot]:
    made = Loot()
    yield made
    made.leave()


def attack(page: Page, loot: Loot, at: str) -> list[str]:
    """Run all attacks on a host's listeners; returns only those whose answers the page could read."""

    def run(what: str, *arguments: Any) -> str:
        return f"{what} {arguments[0]}: {page.evaluate(f'(given) => {what}(...given)', list(arguments))}"

    def to(name: str, path: str = "/") -> str:
        return url(name, path, at)

    json_headers = {"content-type": "application/json"}
    signed = json_headers | {"authorization": _SIGNED.format("lambda")}
    function = httpx.Request("POST", "http://x", json=loot.new_function()).content.decode()
    bulk = loot.new_document()
    down = '{"gateway":"down"}'
    queue = {suffix: str(httpx.QueryParams(loot.new_queue(suffix))) for suffix in ("simple", "image", "opened")}
    told = [
        run("cors", to("emulator", "/2015-03-31/functions"), {"headers": signed, "body": function}),
        run("simple", to("emulator", "/2015-03-31/functions"), function),
        run("simple", to("emulator", f"/?{queue['simple']}"), ""),
        run("image", to("emulator", f"/?{queue['image']}")),
        run("submit", to("emulator"), loot.new_queue("form")),
        run("simple", to("search", "/_bulk"), bulk),
        run("cors", to("search", "/_bulk"), {"headers": {"content-type": "application/x-ndjson"}, "body": bulk}),
        run("cors", to("console", "/api/mails"), {"method": "GET"}),
        run("cors", to("push", "/subscriptions"), {"headers": json_headers, "body": "{}"}),
        run("simple", to("push", "/subscriptions"), ""),
        run("cors", to("push", "/messages"), {"method": "GET"}),
        run("cors", to("webtransport", "/sessions"), {"method": "GET", "headers": {"x-asyncsns": "kit"}}),
        run("cors", to("webtransport", "/certificate"), {"method": "GET"}),
        run("cors", to("pump", "/_health"), {"method": "GET"}),
        run("socket", to("push").replace("http", "ws", 1)),
    ]
    told += [run("script", to(name)) for name in _LISTENERS]
    told += [
        run("sandboxed", to("search", "/_bulk"), bulk), run("sandboxed", to("gateway", "/_fault"), down),
        run("sandboxed", to("emulator", f"/?{queue['simple']}"), ""), run("beacon", to("search", "/_bulk"), bulk),
        run("beacon", to("push", "/subscriptions"), "{}"), run("cors", to("emulator", "/_ministack/ses/messages"), {}),
    ]  # fmt: skip
    for name in ("edge", "gateway"):
        told += [
            run("simple", to(name, "/_fault"), down),
            run("cors", to(name, "/_fault"), {"headers": {"x-asyncsns": "kit"}, "body": down}),
            run("submit", to(name, "/_reload"), {}),
        ]
    for path in ("/", "/_aws/execute-api/", "/_aws/execute-api/nope"):
        with page.expect_popup() as opened:
            page.evaluate("(where) => { window.open(where); }", to("emulator", f"{path}?{queue['opened']}"))
        opened.value.wait_for_load_state()
        opened.value.close()
    return [one for one in told if not one.endswith((": nothing", ": 0 ", ": sent"))]


def test_a_page_on_another_port_changes_and_reads_nothing(
    page: Page, loot: Loot, elsewhere: int, endpoints: Endpoints
) -> None:
    page.goto(f"http://localhost:{elsewhere}/")
    for host in ("127.0.0.1", "localhost"):
        told = attack(page, loot, host)
        assert (loot.taken(endpoints), told) == ([], []), host


def test_a_rebound_page_changes_and_reads_nothing(page: Page, loot: Loot, elsewhere: int, endpoints: Endpoints) -> None:
    page.goto(f"http://{EVIL}:{elsewhere}/")
    told = attack(page, loot, EVIL) + attack(page, loot, "127.0.0.1")
    assert (loot.taken(endpoints), told) == ([], [])


def test_a_rebound_name_is_not_the_listeners_own_origin(page: Page, loot: Loot, endpoints: Endpoints) -> None:
    """The page has the listener's own origin, so no browser rule prevents it from reading."""
    paths = ("/", "/_health", "/api/mails", "/messages", "/sessions", "/_cat/indices?format=json", "/config.json")
    for name in _LISTENERS:
        answer = page.goto(url(name, "/", EVIL))
        assert answer is not None
        assert answer.status == 421, name
        told = page.evaluate(
            """([paths, body]) => Promise.all([
                ...paths.map((path) => cors(path, { method: 'GET', headers: { 'x-asyncsns': 'kit' } })),
                cors('/_bulk', { body }),
            ])""",
            [paths, loot.new_document()],
        )
        assert [one for one in told if not one.startswith("421 ")] == [], name
    assert loot.taken(endpoints) == []


def test_the_ui_still_opens_a_presigned_download(page: Page, loot: Loot, endpoints: Endpoints) -> None:
    """A link to another port, without Origin: the settings page opens an export this way."""
    bucket = endpoints.document["outputs"]["UiBucket"]
    s3 = loot.aws("s3", endpoint=endpoints.emulator_url, config=Config(signature_version="s3v4"))
    s3.put_object(Bucket=bucket, Key=f"contract/{loot.name}.zip", Body=b"mine", ContentType="application/zip")
    wanted = {"Bucket": bucket, "Key": f"contract/{loot.name}.zip"}
    wanted |= {"ResponseContentDisposition": 'attachment; filename="mine.zip"'}
    link = s3.generate_presigned_url("get_object", Params=wanted, ExpiresIn=60)
    try:
        page.goto(f"{endpoints.base_url}/config.json")
        with page.expect_download() as downloading:
            page.evaluate("(link) => location.assign(link)", link)
        assert downloading.value.suggested_filename == "mine.zip"
        assert Path(downloading.value.path()).read_bytes() == b"mine"
    finally:
        s3.delete_object(Bucket=bucket, Key=f"contract/{loot.name}.zip")
