"""The chapters. Each says what it shows, does it for real and reports what it saw; one that fails stops the demo."""

from __future__ import annotations

import base64
import io
import json
import time
import uuid

import httpx
from PIL import Image

from kit.client import Problem, Socket
from kit.client.api import wait_for
from kit.demo.people import PEOPLE
from kit.demo.posting import POSTING
from kit.demo.stage import Chapter, Stage, Words


def authentication(stage: Stage) -> None:
    stage.facts["aki"] = stage.join("aki")
    stage.facts["ben"] = stage.join("ben")
    payload = stage.facts["aki"].access_token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    stage.seen("signed in by SRP; the access token is for", f"{claims['token_use']} {claims['client_id']}")
    stage.seen("her user id in every service (sub)", claims["sub"])


def cdn(stage: Stage) -> None:
    for attempt in ("first", "second"):
        answer = httpx.get(f"{stage.endpoints.base_url}/", headers={"accept-encoding": "gzip"}, timeout=20)
        answer.raise_for_status()
        stage.seen(f"{attempt} GET /", f"{answer.status_code}, {answer.headers.get('x-cache', 'no X-Cache')}")
    stage.seen("compressed as", answer.headers.get("content-encoding", "identity"))
    bucket = next(name for key, name in stage.endpoints.document["buckets"].items() if "ui" in key)
    direct = stage.endpoints.emulator_url or f"https://{bucket}.s3.amazonaws.com"
    refused = httpx.get(f"{direct}/{bucket}/index.html" if stage.endpoints.emulator_url else direct, timeout=20)
    stage.seen("the same file requested from the bucket itself (OAC)", refused.status_code)


def gateway(stage: Stage) -> None:
    header, payload, _ = stage.facts["aki"].access_token.split(".")
    forged = {"no token": None, "forged signature": f"{header}.{payload}.AAAA"}
    for what, token in forged.items():
        headers = {"authorization": f"Bearer {token}"} if token else {}
        answer = httpx.get(f"{stage.endpoints.base_url}/v1/me", headers=headers, timeout=20)
        stage.seen(f"GET /v1/me with {what}", f"{answer.status_code} {answer.text}")
    with stage.api(stage.facts["aki"]) as api:
        stage.seen("GET /v1/me with her token", f"200 @{api.get('/v1/me')['handle']}")


def command(stage: Stage) -> None:
    with stage.api(stage.facts["ben"]) as ben, stage.api(stage.facts["aki"]) as aki:
        ben.put(f"/v1/follows/{stage.facts['aki'].user_id}")
        picture = io.BytesIO()
        Image.linear_gradient("L").resize((640, 400)).convert("RGB").save(picture, "JPEG")
        media = aki.upload("photo", "image/jpeg", picture.getvalue(), "A gradient")
        stage.seen("photo uploaded to S3 by presigned POST, checked, made ready", media)
        stage.facts["word"] = f"demo{stage.run}"
        body = {"clientPostId": uuid.uuid4().hex, "mediaIds": [media]}
        body["text"] = f"京都の朝を散歩して、おにぎりを食べた。{stage.facts['word']} #朝"
        key = uuid.uuid4().hex
        first = aki.post("/v1/posts", body, key=key)
        again = aki.post("/v1/posts", body, key=key)
        stage.facts["post"] = first["id"]
        stage.seen("posted; the retry with the same Idempotency-Key gave", "the same post" if first == again else "?!")


def query(stage: Stage) -> None:
    post = stage.facts["post"]
    with stage.api(stage.facts["ben"]) as ben:
        begun = time.perf_counter()
        wait_for(
            lambda: ben.get("/v1/timelines/home"),
            until=lambda page: post in [one["id"] for one in page["items"]],
            what="the post in the follower's timeline",
        )
        stage.seen("in Ben's home timeline after (ms)", round((time.perf_counter() - begun) * 1000))
        two = ben.get(f"/v2/posts/{post}")
        stage.seen("the same post by /v2 has", ", ".join(sorted(two)))


def repository(stage: Stage) -> None:
    with stage.api(stage.facts["ben"]) as ben:
        page = wait_for(
            lambda: ben.get("/v1/search", q=f"食べる {stage.facts['word']}"),
            until=lambda found: found["items"],
            what="the post in the search index",
        )
        stage.seen("食べる finds 食べた", page["items"][0]["post"]["text"])


def storage(stage: Stage) -> None:
    with stage.api(stage.facts["ben"]) as ben:
        (media,) = ben.get(f"/v1/posts/{stage.facts['post']}")["media"]
    url = httpx.URL(stage.endpoints.base_url).join(media["url"])
    answer = httpx.get(url, timeout=20)
    stage.seen("the photo through CloudFront", f"{answer.status_code} {answer.headers['content-type']}")


def realtime(stage: Stage) -> None:
    aki, ben = stage.api(stage.facts["aki"]), stage.api(stage.facts["ben"])
    with aki, ben, Socket(stage.endpoints, aki) as hers, Socket(stage.endpoints, ben) as his:
        conversation = aki.post("/v1/conversations", {"memberId": stage.facts["ben"].user_id})["id"]
        client_id = uuid.uuid4().hex
        begun = time.time()
        hers.send(
            "chat.send",
            {"conversationId": conversation, "clientMessageId": client_id, "text": "おはよう! Good morning!"},
        )
        frame = his.wait("chat.message", lambda data: data["message"]["clientMessageId"] == client_id)
        arrived = next(at for at, one in his.events if one is frame)
        stage.seen("message → DynamoDB → stream → Kinesis → socket (ms)", round((arrived - begun) * 1000))
        call = hers.send("call.start", {"calleeId": stage.facts["ben"].user_id, "media": "video"})["call"]["id"]
        his.wait("call.ringing", lambda data: data["call"]["id"] == call)
        his.send("call.accept", {"callId": call})
        hers.send("call.signal", {"callId": call, "description": {"type": "offer", "sdp": "v=0\r\n"}})
        his.wait("call.signal", lambda data: data["callId"] == call)
        hers.send("call.hangup", {"callId": call})
        ended = his.wait("call.ended", lambda data: data["call"]["id"] == call)
        stage.seen("call: ringing → accepted → signalled →", ended["data"]["call"]["state"])


def notification(stage: Stage) -> None:
    aki, ben = stage.api(stage.facts["aki"]), stage.api(stage.facts["ben"])
    with aki, ben, Socket(stage.endpoints, aki) as socket:
        begun = time.time()
        ben.put(f"/v1/posts/{stage.facts['post']}/like")
        frame = socket.wait(
            "notification.created", lambda data: data["notification"].get("postId") == stage.facts["post"]
        )
        arrived = next(at for at, one in socket.events if one is frame)
        stage.seen("like → stream → SNS → SQS → Lambda → socket (ms)", round((arrived - begun) * 1000))
        stage.seen("unread", frame["data"]["unread"])


def observability(stage: Stage) -> None:
    names = [alarm["AlarmName"] for alarm in stage.aws("cloudwatch").describe_alarms()["MetricAlarms"]]
    stage.seen("CloudWatch alarms", len(names))
    console = stage.endpoints.document.get("consoleUrl")
    if console:
        graph = httpx.get(f"{console}/api/map", timeout=20).json()
        stage.seen("services on the X-Ray map", ", ".join(sorted({one["Name"] for one in graph})))
        stage.seen("see for yourself", f"{stage.endpoints.document['links'].get('console', console)}#map")


def reach(stage: Stage) -> None:
    with stage.api(stage.facts["ben"]) as ben:
        try:
            ben.delete(f"/v1/posts/{stage.facts['post']}")
        except Problem as problem:
            stage.seen("Ben deletes Aki's post", f"{problem.status} {problem.document}")
        else:
            raise AssertionError("somebody else's post could be deleted")


def nothing(_: Stage) -> None:
    """A chapter that only tells."""


CHAPTERS: tuple[Chapter, ...] = (
    Chapter(
        Words("The domain", "ドメイン"),
        Words(
            "A social network for asynchronous communication by text, photos, video and audio: posts, push "
            "notifications, real-time chat, search, voice and video calls.",
            "テキスト、写真、動画、音声による非同期コミュニケーションのSNSです。投稿、プッシュ通知、リアルタイム"
            "チャット、検索、通話を備えます。",
        ),
        (),
        nothing,
    ),
    Chapter(
        Words("The whole picture", "全体像"),
        Words(
            "Everything enters through CloudFront; the gateway authenticates; commands and queries are separate; "
            "writes travel through streams; events reach people through sockets and queues.",
            "入口はCloudFrontです。API Gatewayが認証を検証し、処理はコマンドとクエリに分かれます。書き込みはスト"
            "リームで伝播し、イベントはWebSocketとキューを通じて利用者に届きます。",
        ),
        ("Client", "CloudFront", "Cognito", "API Gateway", "Lambda", "DynamoDB", "S3", "SNS/SQS", "WebSocket"),
        nothing,
    ),
    Chapter(
        Words("Authentication", "認証"),
        Words("Cognito signs people in and issues JWTs.", "Cognitoがログインを処理し、JWTを発行します。"),
        ("Client", "Cognito"),
        authentication,
    ),
    Chapter(
        Words("CDN and UI", "CDNとUI"),
        Words(
            "One entry point: CloudFront caches and compresses; the buckets can be read only through it (OAC).",
            "エントリーポイントは1つです。CloudFrontがキャッシュと圧縮を行い、S3はOACによりCloudFrontからのみ読めます。",
        ),
        ("Client", "CloudFront", "S3 (UI)"),
        cdn,
    ),
    Chapter(
        Words("Gateway", "ゲートウェイ"),
        Words(
            "The JWT is verified here, so the functions behind it do not need to.",
            "JWTはここで検証するため、バックエンドの関数に検証処理は不要です。",
        ),
        ("CloudFront", "API Gateway"),
        gateway,
    ),
    Chapter(
        Words("Commands", "コマンド"),
        Words(
            "A command validates and writes DynamoDB once; everything else follows from the stream.",
            "コマンドは入力を検証し、DynamoDBに一度だけ書き込みます。以降の処理はストリームを起点に行います。",
        ),
        ("API Gateway", "Post Lambda", "Profile Lambda", "S3 (media)", "DynamoDB"),
        command,
    ),
    Chapter(
        Words("Queries", "クエリ"),
        Words(
            "Queries read projections that are prepared in advance; /v1 and /v2 are served side by side.",
            "クエリは事前に構築した読み取りモデルを参照します。/v1と/v2を並行して提供します。",
        ),
        ("API Gateway", "Query Lambda", "DynamoDB"),
        query,
    ),
    *POSTING,
    Chapter(
        Words("Repository", "リポジトリ"),
        Words(
            "DynamoDB → Streams → OpenSearch, with Japanese analysis.",
            "DynamoDB → Streams → OpenSearchの流れです。日本語の形態素解析に対応しています。",
        ),
        ("DynamoDB", "DynamoDB Stream", "OpenSearch", "Query Lambda"),
        repository,
    ),
    Chapter(
        Words("Storage", "ストレージ"),
        Words(
            "Files are served by CloudFront from S3, without a Lambda.",
            "ファイルはLambdaを通さず、S3からCloudFront経由で配信します。",
        ),
        ("CloudFront", "S3 (media)"),
        storage,
    ),
    Chapter(
        Words("Real time", "RTC"),
        Words(
            "Chat and call signalling use the WebSocket API, fan-out uses Kinesis, media use WebRTC.",
            "チャットと通話のシグナリングはWebSocket API、配信はKinesis、音声と映像はWebRTCを使います。",
        ),
        ("Client", "WebSocket API", "Chat Lambda", "Call Lambda", "Kinesis", "RTC Lambda"),
        realtime,
    ),
    Chapter(
        Words("Notification", "通知"),
        Words("SNS filters, SQS buffers, a Lambda delivers.", "SNSが振り分け、SQSが保持し、Lambdaが配信します。"),
        ("DynamoDB Stream", "SNS", "SQS", "Consumer Lambda"),
        notification,
    ),
    Chapter(
        Words("Observability", "可観測性"),
        Words("CloudWatch and X-Ray observe all of it.", "CloudWatchとX-Rayで全体を監視・追跡します。"),
        ("CloudWatch", "X-Ray"),
        observability,
    ),
    Chapter(
        Words("Who reaches what", "誰がどのリソースにアクセスできるか"),
        Words(
            "End users access only their own data; developers and administrators get IAM roles from the identity pool.",
            "エンドユーザーは自分のデータだけにアクセスできます。開発者と管理者はIDプールからIAMロールを取得します。",
        ),
        ("Cognito", "IAM"),
        reach,
    ),
    *PEOPLE,
    Chapter(
        Words("The whole picture again", "ふたたび全体像"),
        Words(
            "All of it comes from one CDK app, which is built to deploy unchanged to AWS (nobody has deployed it "
            "to an account yet).",
            "ここまでのすべてが一つのCDKアプリで構成されています。"
            "同じコードをAWSにもデプロイできるように設計しています(実アカウントへのデプロイは未検証です)。",
        ),
        ("Client", "CloudFront", "Cognito", "API Gateway", "Lambda", "DynamoDB", "S3", "SNS/SQS", "WebSocket"),
        nothing,
    ),
)
