"""The scenes in order: domain, the whole picture, the contexts, the details, the whole picture again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kit.demo.browser import acts
from kit.demo.browser.walk import Walk
from kit.words import Words

#: Lengths of the walk in minutes.
LENGTHS: Final = (5, 15, 30)


@dataclass(frozen=True)
class Scene:
    """``seconds``: how long it is on the screen in the walk of each length; 0 leaves it out.

    ``notes`` are for the speaker; ``drills`` become buttons that answer likely questions.
    """

    title: Words
    notes: Words
    act: Callable[[Walk], None]
    seconds: tuple[int, int, int]
    drills: tuple[str, ...] = ()

    def lasts(self, minutes: int) -> int:
        return self.seconds[LENGTHS.index(minutes)]


SCENES: tuple[Scene, ...] = (
    Scene(
        Words("The domain", "ドメイン"),
        Words(
            "A social network for asynchronous communication: posts with text, photos, video and audio, push "
            "notifications, real-time chat, search, voice and video calls. Aki on the left uses Japanese, Ben on the "
            "right uses English.",
            "テキスト・写真・動画・音声による非同期コミュニケーションのSNSです。投稿、プッシュ通知、"
            "リアルタイムチャット、検索、"
            "音声・ビデオ通話を備えます。左の画面はAki(日本語)、右の画面はBen(英語)です。",
        ),
        acts.domain,
        (30, 90, 150),
    ),
    Scene(
        Words("The whole picture", "全体像"),
        Words(
            "Solid lines are commands, dashed lines queries, thick lines both. All traffic enters through CloudFront. "
            "There is no server to operate: managed services scale with the traffic and are billed by use.",
            "実線がコマンド、破線がクエリ、太線が両方です。入口はすべてCloudFrontです。運用するサーバーはなく、"
            "マネージドサービスが"
            "トラフィックに応じて拡張し、料金は使った分だけかかります。",
        ),
        acts.picture,
        (45, 120, 240),
    ),
    Scene(
        Words("Authentication: Cognito", "認証: Cognito"),
        Words(
            "Aki signs in by SRP, so the password never leaves the browser. Cognito issues the JWTs that API "
            "Gateway checks.",
            "AkiがSRPでログインします。パスワードはブラウザから送信されません。Cognitoが発行したJWTをAPI "
            "Gatewayが検証します。",
        ),
        acts.authentication,
        (35, 75, 150),
    ),
    Scene(
        Words("CDN and UI: CloudFront and S3", "CDNとUI: CloudFrontとS3"),
        Words(
            "The first request is a miss, the second a hit. The bucket can be read only through CloudFront (OAC).",
            "1回目はMiss、2回目はHitになります。S3はOACによりCloudFrontからのみ読めます。",
        ),
        acts.cdn,
        (0, 60, 120),
        ("cloudfront",),
    ),
    Scene(
        Words("Gateway: API Gateway", "ゲートウェイ: API Gateway"),
        Words(
            "API Gateway verifies the JWT, so the functions behind it do not need to.",
            "JWTはAPI Gatewayが検証するため、バックエンドの関数に検証処理は不要です。",
        ),
        acts.gateway,
        (0, 60, 120),
        ("gateway-stops",),
    ),
    Scene(
        Words("Commands and queries: Lambda", "コマンドとクエリ: Lambda"),
        Words(
            "Aki publishes a post. The Post Lambda writes to DynamoDB once; the stream starts the fan-out, and the "
            "post appears in Ben's timeline.",
            "Akiが投稿します。Post Lambdaは一度だけDynamoDBに書き込み、"
            "ストリームからファンアウトされてBenのタイムラインに届きます。",
        ),
        acts.command,
        (45, 90, 180),
        ("slow-writes",),
    ),
    Scene(
        Words("Repository: DynamoDB and OpenSearch", "リポジトリ: DynamoDBとOpenSearch"),
        Words(
            "From DynamoDB through its stream to OpenSearch: 食べる finds 食べた, because the index analyses Japanese.",
            "DynamoDB → DynamoDB Streams → OpenSearchの流れです。"
            "形態素解析により「食べる」で「食べた」が見つかります。",
        ),
        acts.search,
        (30, 60, 120),
        ("search-down",),
    ),
    Scene(
        Words("Storage: S3", "ストレージ: S3"),
        Words(
            "Files go from S3 through CloudFront, without a Lambda. Links are signed and expire.",
            "ファイルはLambdaを通さず、S3からCloudFront経由で配信します。リンクは署名付きで期限があります。",
        ),
        acts.storage,
        (0, 60, 120),
        ("s3-errors",),
    ),
    Scene(
        Words("Real time: WebSocket API and Kinesis", "RTC: WebSocket APIとKinesis"),
        Words(
            "Aki and Ben chat. Each message is written to DynamoDB; the stream and Kinesis carry it to the other "
            "person's socket.",
            "AkiとBenがチャットします。メッセージはDynamoDBに書き込まれ、"
            "ストリームとKinesisを経て相手のソケットに届きます。",
        ),
        acts.realtime,
        (45, 90, 180),
        ("sockets-cut", "kinesis-stalled"),
    ),
    Scene(
        Words("Notification: SNS and SQS", "通知: SNSとSQS"),
        Words(
            "Ben likes Aki's post. SNS filters the event into queues, a Lambda consumes them, and Aki gets a "
            "notification.",
            "BenがAkiの投稿に「いいね」します。SNSが振り分け、SQSが保持し、Lambdaが処理してAkiの通知に反映されます。",
        ),
        acts.notification,
        (30, 60, 120),
        ("poison-message", "consumer-crash-loop"),
    ),
    Scene(
        Words("Observability: CloudWatch and X-Ray", "可観測性: CloudWatchとX-Ray"),
        Words(
            "Each click started a trace. The report of this run contains them.",
            "操作ごとにトレースが記録されています。この実行のトレースはレポートに含まれます。",
        ),
        acts.observability,
        (0, 45, 90),
        ("function-timeout", "function-leaks"),
    ),
    Scene(
        Words("Details: who reaches what", "詳細: 誰がどのリソースにアクセスできるか"),
        Words(
            "End users access only their own data, through the CDN. Developers and administrators get IAM roles from "
            "the identity "
            "pool. The buttons demonstrate the answers to your questions.",
            "エンドユーザーはCDN経由で自分のデータだけにアクセスします。"
            "開発者と管理者はIDプールからIAMロールを取得します。"
            "質問への回答は下のボタンで実演できます。",
        ),
        acts.reach,
        (0, 60, 150),
        ("who-reaches-what", "gateway-stops", "slow-writes", "cloudfront"),
    ),
    Scene(
        Words("The whole picture again", "ふたたび全体像"),
        Words(
            "All of it comes from one CDK app, which is built to deploy unchanged to AWS (nobody has deployed it "
            "to an account yet).",
            "ここまでのすべてが一つのCDKアプリで構成されています。"
            "同じコードをAWSにもデプロイできるように設計しています"
            "(実アカウントへのデプロイは未検証です)。",
        ),
        acts.closing,
        (40, 30, 60),
    ),
)


def scenes_of(minutes: int) -> list[Scene]:
    return [scene for scene in SCENES if scene.lasts(minutes)]
