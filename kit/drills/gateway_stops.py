"""API Gateway stops: the seed's own question, and its answer."""

from __future__ import annotations

import io

import httpx
from PIL import Image
from websockets.exceptions import InvalidStatus

from kit.client import Accounts, Socket
from kit.drills.scene import Scene, status_of
from kit.words import Words


def play(scene: Scene) -> None:
    account, api = scene.person("gate")
    picture = io.BytesIO()
    Image.linear_gradient("L").resize((64, 64)).convert("RGB").save(picture, "JPEG")
    media = api.upload("photo", "image/jpeg", picture.getvalue(), "A gradient")
    # Only followers may see it, so its link is signed and ends.
    post = scene.say(api, "for followers", mediaIds=[media], visibility="followers")
    (shown,) = api.get(f"/v1/posts/{post['id']}")["media"]
    link = shown["url"]
    ticket = api.post("/v1/realtime/tickets")["ticket"]
    with scene.gateway_down():
        scene.expect("The UI loads", "UIは表示される", 200, scene.fetch("/").status_code)
        scene.expect(
            "A deep link into the UI loads", "UIのディープリンクも開く", 200, scene.fetch("/search").status_code
        )
        same = Words("the same person", "同じ人")
        again = Accounts(scene.endpoints).sign_in(account.email, scene.password())
        seen = same if again.user_id == account.user_id else Words("somebody else", "別人")
        scene.expect("Signing in works (Cognito, SRP)", "ログインできる(Cognito、SRP)", same, seen)
        scene.expect(
            "A signed link that was issued before works",
            "発行済みの署名付きリンクは使える",
            200,
            scene.fetch(link).status_code,
        )
        unsigned = str(httpx.URL(link).copy_with(query=None))
        scene.expect(
            "The same file without the signature",
            "署名なしでは同じファイルも読めない",
            403,
            scene.fetch(unsigned).status_code,
        )
        reads = status_of(lambda: api.get("/v1/timelines/home"))
        scene.expect("Reading a timeline", "タイムラインの取得", 503, reads)
        scene.expect("Writing a post", "投稿", 503, status_of(lambda: scene.say(api, "nobody hears this")))
        scene.expect(
            "Getting a new signed link",
            "新しい署名付きリンクの取得",
            503,
            status_of(lambda: api.get(f"/v1/posts/{post['id']}")),
        )
        scene.expect("Opening a socket", "WebSocketの接続", 503, _handshake(scene, api, ticket))
    scene.expect("After it: reading", "復旧後の取得", 200, status_of(lambda: api.get("/v1/timelines/home")))
    found, unchanged = api.get(f"/v1/posts/{post['id']}")["text"], Words("unchanged", "変化なし")
    scene.expect("Posts written before are there", "停止前の投稿は残っている", unchanged,
                 unchanged if found == "for followers" else found)  # fmt: skip


def _handshake(scene: Scene, api: object, ticket: str) -> int:
    try:
        Socket(scene.endpoints, api, ticket=ticket).close()  # type: ignore[arg-type]
    except InvalidStatus as refused:
        return refused.response.status_code
    return 101
