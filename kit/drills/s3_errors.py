"""S3 answers 503 to everybody, as in a regional outage."""

from __future__ import annotations

import io

import httpx
from PIL import Image

from kit.client import Api
from kit.drills.phrases import ABOVE_ZERO
from kit.drills.scene import Scene, status_of

_ALL_OBJECTS = {"service": "s3", "error": "SlowDown"}


def play(scene: Scene) -> None:
    _, ann = scene.person("ann")
    media = ann.upload("photo", "image/jpeg", _picture(), "A gradient")
    post = scene.say(ann, "with a photo", mediaIds=[media])
    (shown,) = ann.get(f"/v1/posts/{post['id']}")["media"]
    for path in ("/", shown["url"]):
        scene.fetch(path)
    with scene.faults(_ALL_OBJECTS):
        scene.expect(
            "A photo in CloudFront's cache",
            "CloudFrontにキャッシュされた写真",
            200,
            scene.fetch(shown["url"]).status_code,
        )
        scene.expect(
            "The UI, from CloudFront's cache", "UI(CloudFrontのキャッシュから)", 200, scene.fetch("/").status_code
        )
        missing = scene.fetch(f"/never-asked-{scene.run}.js").status_code
        scene.expect("A file that is not cached", "キャッシュされていないファイル", "5xx", missing, missing >= 500)
        scene.expect(
            "Reading the home timeline", "ホームタイムライン", 200, status_of(lambda: ann.get("/v1/timelines/home"))
        )
        scene.expect("A text-only post", "本文だけの投稿", 200, status_of(lambda: scene.say(ann, "no photo")))
        asked = {"kind": "photo", "contentType": "image/jpeg", "bytes": 100, "altText": ""}
        scene.expect("Requesting an upload permit (signed without S3)", "アップロード許可の取得(S3は不要)", 200,
                     status_of(lambda: ann.post("/v1/media", asked)))  # fmt: skip
        sent = _upload(scene, ann)
        scene.expect("The upload itself", "アップロード本体", 503, sent)
        scene.expect(
            "Requests that S3 refused", "S3が拒否したリクエスト", ABOVE_ZERO, scene.struck(), scene.struck() > 0
        )
    again = ann.upload("photo", "image/jpeg", _picture(), "A gradient")
    scene.expect(
        "Afterwards an upload goes through", "復旧後のアップロード", "ready", ann.get(f"/v1/media/{again}")["state"]
    )


def _picture() -> bytes:
    picture = io.BytesIO()
    Image.linear_gradient("L").resize((64, 64)).convert("RGB").save(picture, "JPEG")
    return picture.getvalue()


def _upload(scene: Scene, api: Api) -> int:
    content = _picture()
    form = api.post("/v1/media", {"kind": "photo", "contentType": "image/jpeg", "bytes": len(content), "altText": ""})[
        "upload"
    ]
    files = {"file": ("upload", content, "image/jpeg")}
    return httpx.post(scene.settings.reach(form["url"]), data=form["fields"], files=files, timeout=60).status_code
