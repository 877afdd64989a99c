"""What happens at the screens in each scene."""

from __future__ import annotations

import time

import httpx
from playwright.sync_api import Page

from kit.client.api import PATIENCE_SECONDS, wait_for
from kit.demo.browser.walk import Walk
from kit.seed.media import photo


def domain(walk: Walk) -> None:
    for page in (walk.left, walk.right):
        page.goto("/")
        walk.sees(page, "h1")


def picture(walk: Walk) -> None:
    for page in (walk.left, walk.right):
        page.goto("/architecture")
        walk.sees(page, "#main svg")


def authentication(walk: Walk) -> None:
    walk.left.goto("/sign-in")
    walk.left.locator("input[name=email]").fill(walk.facts["aki"].email)
    walk.left.locator("input[name=password]").fill(walk.password())
    with walk.timed("Sign-in by SRP, until the home page is there", "SRPでのログイン(ホーム表示まで)"):
        walk.left.locator("form button.button-primary").click()
        walk.at_home(walk.left)
    walk.enter(walk.right, walk.facts["ben"])


def cdn(walk: Walk) -> None:
    s3, bucket = walk.aws("s3"), walk.endpoints.document["outputs"]["UiBucket"]
    key, text = f"demo/{walk.run}.css", b"body { margin: 0 }\n" * 400
    s3.put_object(Bucket=bucket, Key=key, Body=text, ContentType="text/css", CacheControl="public, max-age=60")
    try:
        for attempt, ja in (("first", "1回目"), ("second", "2回目")):
            answer = httpx.get(f"{walk.endpoints.base_url}/{key}", headers={"accept-encoding": "gzip"}, timeout=20)
            walk.saw(
                f"CloudFront, {attempt} request for a file",
                f"CloudFront: ファイルの{ja}のリクエスト",
                answer.headers.get("x-cache"),
            )
    finally:
        s3.delete_object(Bucket=bucket, Key=key)
    size = answer.headers.get("content-length", "?")
    compressed = f"{answer.headers.get('content-encoding')}: {size} / {len(text)} bytes"
    walk.saw("Compressed as", "圧縮", compressed)


def gateway(walk: Walk) -> None:
    header, payload, _ = walk.facts["aki"].access_token.split(".")
    forged = {"authorization": f"Bearer {header}.{payload}.AAAA"}
    for en, ja, headers in (("without a token", "トークンなし", {}), ("with a forged token", "偽造トークン", forged)):
        answer = httpx.get(f"{walk.endpoints.base_url}/v1/me", headers=headers, timeout=20)
        walk.saw(f"GET /v1/me {en}", f"GET /v1/me: {ja}", answer.status_code)


def command(walk: Walk) -> None:
    with walk.person("ben") as ben:
        ben.put(f"/v1/follows/{walk.facts['aki'].user_id}")
    walk.facts["word"] = f"walk{walk.run}"
    text = f"京都の朝を散歩して、おにぎりを食べた。{walk.facts['word']}"
    _compose(walk, walk.left, text)
    with walk.timed("From Aki's click to Ben's home timeline", "Akiの投稿がBenのタイムラインに届くまで"):
        walk.left.locator("form.composer button[type=submit]:visible").first.click()
        with walk.person("ben") as ben:
            page = wait_for(
                lambda: ben.get("/v1/timelines/home")["items"],
                until=lambda items: any(walk.facts["word"] in one["text"] for one in items),
                what="the post in Ben's timeline",
            )
    walk.facts["post"] = next(one["id"] for one in page if walk.facts["word"] in one["text"])
    walk.right.goto("/")
    for window in (walk.left, walk.right):
        walk.sees(window, "article.post", walk.facts["word"])


def _compose(walk: Walk, page: Page, text: str) -> None:
    page.goto("/")
    walk.at_home(page)
    if not page.locator("#main form.composer textarea").first.is_visible():
        page.locator(".fab").first.click()
    page.locator("form.composer textarea:visible").first.fill(text)


def search(walk: Walk) -> None:
    with walk.timed("Until search finds it", "検索で見つかるまで"), walk.person("ben") as ben:
        wait_for(
            lambda: ben.get("/v1/search", q=f"食べる {walk.facts['word']}")["items"],
            until=bool,
            what="the post in the search index",
        )
    walk.right.goto(f"/search?q=食べる+{walk.facts['word']}")
    walk.sees(walk.right, "article.post", walk.facts["word"])


def storage(walk: Walk) -> None:
    with walk.person("aki") as aki:
        media = aki.upload("photo", "image/jpeg", photo("dawn", 21, (960, 640)), "夜明けの山並み")
        body = {"clientPostId": f"photo-{walk.run}", "text": f"夜明け {walk.facts['word']}p", "mediaIds": [media]}
        made = aki.post("/v1/posts", body)
        link = made["media"][0]["url"]
    for en, ja, url in (("signed", "署名あり", link), ("without the signature", "署名なし", link.split("?")[0])):
        answer = httpx.get(httpx.URL(walk.endpoints.base_url).join(url), timeout=20)
        walk.saw(f"The photo by CloudFront, {en}", f"CloudFront経由の写真: {ja}", answer.status_code)
    for window in (walk.left, walk.right):
        window.goto(f"/posts/{made['id']}")
        walk.sees(window, "article.post img")


def realtime(walk: Walk) -> None:
    with walk.person("aki") as aki, walk.person("ben") as ben:
        talk = aki.post("/v1/conversations", {"memberId": walk.facts["ben"].user_id})["id"]
        ben.put(f"/v1/conversations/{talk}/request", {"accept": True})
    for window in (walk.left, walk.right):
        window.goto(f"/messages/{talk}")
        walk.sees(window, ".chat-compose textarea")
    for sender, reader, who, ja, text in (
        (walk.left, walk.right, "Aki to Ben", "AkiからBen", "おはよう!"),
        (walk.right, walk.left, "Ben to Aki", "BenからAki", "Good morning!"),
    ):
        sender.locator(".chat-compose textarea").fill(text)
        with walk.timed(f"A message from {who}, screen to screen", f"メッセージが{ja}の画面に届くまで"):
            sender.keyboard.press("Enter")
            walk.sees(reader, ".bubble", text)


def notification(walk: Walk) -> None:
    walk.right.goto(f"/posts/{walk.facts['post']}")
    walk.sees(walk.right, "article.post", walk.facts["word"])
    en, ja = "From Ben's like to Aki's notifications", "Benの「いいね」がAkiの通知に届くまで"
    with walk.person("aki") as aki, walk.timed(en, ja):
        walk.right.locator("article.post .action-like").first.click()
        wait_for(
            lambda: aki.get("/v1/notifications")["items"],
            until=lambda items: "like" in [one["type"] for one in items],
            what="the like in Aki's notifications",
        )
    walk.left.goto("/notifications")
    walk.sees(walk.left, ".notification[data-type=like]")


def observability(walk: Walk) -> None:
    alarms = walk.aws("cloudwatch").describe_alarms()["MetricAlarms"]
    walk.saw("CloudWatch alarms", "CloudWatchアラームの数", len(alarms))
    console = walk.endpoints.document.get("consoleUrl")
    if console:
        address = walk.settings.reach(console)
        graph = httpx.get(f"{address}/api/map", timeout=PATIENCE_SECONDS).json()
        walk.saw("Services on the X-Ray map", "X-Rayマップ上のサービスの数", len({one["Name"] for one in graph}))
        walk.right.goto(f"{address}/#map")
        walk.right.wait_for_load_state("networkidle")


def reach(walk: Walk) -> None:
    with walk.person("ben") as ben:
        refused = ben.http.delete(f"/v1/posts/{walk.facts['post']}").status_code
    walk.saw("Ben tries to delete Aki's post", "BenがAkiの投稿を削除しようとすると", refused)
    walk.right.goto(f"/posts/{walk.facts['post']}")
    walk.sees(walk.right, "article.post", walk.facts["word"])


def closing(walk: Walk) -> None:
    picture(walk)
    walk.saw("Ended at", "終了時刻", time.strftime("%Y-%m-%d %H:%M:%S"))
