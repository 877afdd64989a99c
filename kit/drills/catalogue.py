"""All drills by name, in the order in which an interviewer asks.

A list of them imports none: what they play with takes seconds to import.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from kit.drills.drill import Drill
from kit.words import Words


def _later(module: str) -> Callable[[Any], None]:
    """``play`` of a module of this package."""

    def play(scene: Any) -> None:
        import_module(f"kit.drills.{module}").play(scene)

    return play


_ALL = (
    Drill(
        "gateway-stops",
        Words("API Gateway stops", "API Gatewayが停止する"),
        Words(
            "Every call of the HTTP and WebSocket APIs gets 503. CloudFront, the buckets and Cognito keep working.",
            "HTTP APIとWebSocket APIへの呼び出しはすべて503になります。CloudFront、S3、Cognitoは動き続けます。",
        ),
        Words(
            "The app's page /architecture: calls to API Gateway turn red, then calm. Metrics: 5xx of the HTTP "
            "API, the alarm asyncsns-api-5xx.",
            "アプリの /architecture: API Gatewayへの呼び出しが赤くなり、復旧後に戻ります。メトリクス: HTTP "
            "APIの5xx、アラーム asyncsns-api-5xx。",
        ),
        _later("gateway_stops"),
        seconds=5,
    ),
    Drill(
        "slow-writes",
        Words("Writes to the database are slow", "データベースへの書き込みが遅くなる"),
        Words(
            "Four reasons, one after the other: a throttled table, one hot partition, large items, transactions "
            "that conflict.",
            "四つの原因を順に起こします。テーブルのスロットリング、ホットパーティション、大きな項目、"
            "トランザクションの競合です。",
        ),
        Words(
            "Tables: requests throttled on the table of posts. Traces: retries of its writes. Metrics: the alarm "
            "asyncsns-posts-throttled.",
            "テーブル: 投稿テーブルのスロットリング。トレース: 書き込みの再試行。メトリクス: アラーム "
            "asyncsns-posts-throttled。",
        ),
        _later("slow_writes"),
        seconds=25,
    ),
    Drill(
        "who-reaches-what",
        Words("Who reaches which resource", "誰がどのリソースにアクセスできるか"),
        Words(
            "A developer, an administrator and an end user sign in, get credentials from the identity pool, and try "
            "the same actions.",
            "開発者、管理者、利用者がログインし、IDプールの一時認証情報で同じ操作を試します。",
        ),
        Words(
            "The lines of the drill: what each person may do, and what is refused.",
            "結果の各行: 各ユーザーに許可された操作と、拒否された操作。",
        ),
        _later("who_reaches_what"),
        seconds=6,
    ),
    Drill(
        "cloudfront",
        Words("What CloudFront does", "CloudFrontの働き"),
        Words(
            "This drill causes no fault. It checks cache, compression, origin access control, signed links, the web "
            "ACL's rate rule and the log, one by one.",
            "この訓練では障害を起こしません。キャッシュ、圧縮、OAC、署名付きリンク、WAFのレート制限、"
            "ログを一つずつ確かめます。",
        ),
        Words(
            "Access logs: cache hits, and 429 for one address.",
            "アクセスログ: キャッシュヒットと、1つのアドレスへの429。",
        ),
        _later("cloudfront"),
        seconds=8,
    ),
    Drill(
        "poison-message",
        Words("A poison message", "処理できないメッセージ"),
        Words(
            "An invalid message is put into the queue of notifications. After three attempts it goes to the "
            "dead-letter queue; other messages are delivered.",
            "通知のキューに不正なメッセージを入れます。3回試行した後DLQへ移り、ほかの通知は届きます。",
        ),
        Words(
            "Queues: the message in notifications-inapp, then in its dead-letter queue, with the reason. Metrics:"
            " the alarm asyncsns-notifications-inapp-dlq-filled.",
            "キュー: notifications-inappのメッセージが、理由とともにDLQへ移る様子。メトリクス: アラーム "
            "asyncsns-notifications-inapp-dlq-filled。",
        ),
        _later("poison_message"),
        seconds=15,
        long=True,
    ),
    Drill(
        "consumer-crash-loop",
        Words("A consumer crashes again and again", "コンシューマーが落ち続ける"),
        Words(
            "The function that writes notifications is killed each time it starts. The queue keeps the message, "
            "then moves it to the dead-letter queue.",
            "通知を書く関数を、起動するたびに強制終了します。キューはメッセージを保持し、最後はDLQへ移します。",
        ),
        Words(
            "Queues: the message in flight in notifications-inapp, then in its dead-letter queue. Metrics: the "
            "alarm asyncsns-notifier-errors.",
            "キュー: notifications-inappで処理中のメッセージがDLQへ移る様子。メトリクス: アラーム "
            "asyncsns-notifier-errors。",
        ),
        _later("consumer_crash_loop"),
        seconds=110,
        long=True,
    ),
    Drill(
        "search-down",
        Words("The search domain does not answer", "検索ドメインが応答しない"),
        Words(
            "The engine's process is suspended. Connections open, but no response comes, which is hard for callers.",
            "エンジンのプロセスを一時停止します。接続はできるのに応答がないため、呼び出し側には最も厳しい状況です。",
        ),
        Words(
            "Search in the app: it fails after seconds and offers to try again, while posting works. Streams: "
            "how far the indexer is behind.",
            "アプリの検索: 数秒後に失敗し、再試行を促します。投稿はできます。ストリーム: インデクサーの遅れ。",
        ),
        _later("search_down"),
        seconds=20,
    ),
    Drill(
        "kinesis-stalled",
        Words("A Kinesis shard returns no records", "Kinesisのシャードが止まる"),
        Words(
            "GetRecords of the stream of frames is refused. Messages are written, but nothing reaches open sockets.",
            "フレーム用ストリームのGetRecordsが拒否されます。メッセージは保存されますが、"
            "開いているソケットには届きません。",
        ),
        Words(
            "An open chat in the app: messages do not appear, then all at once. Streams: how far the fan-out is "
            "behind, or the error of its last read.",
            "アプリで開いたチャット: メッセージが届かず、復旧後にまとめて届きます。"
            "ストリーム: ファンアウトの遅れ、または読み取りエラー。",
        ),
        _later("kinesis_stalled"),
        seconds=20,
    ),
    Drill(
        "sockets-cut",
        Words("All sockets are cut", "すべてのソケットが切れる"),
        Words(
            "The process that holds every open socket is killed; clients connect again and resume by their cursors.",
            "開いている全ソケットを持つプロセスを強制終了します。クライアントは再接続し、カーソルから再開します。",
        ),
        Words(
            "An open page of the app: it reconnects. Sockets: the connections disappear and come back.",
            "アプリの開いたページ: 再接続します。ソケット: 接続が消え、再び現れます。",
        ),
        _later("sockets_cut"),
        seconds=8,
    ),
    Drill(
        "function-timeout",
        Words("A function times out", "関数がタイムアウトする"),
        Words(
            "The table takes nine seconds for each transaction, so the function that publishes posts reaches its "
            "timeout.",
            "テーブルのトランザクションを9秒遅らせ、投稿の関数をタイムアウトさせます。",
        ),
        Words(
            "Traces, POST /v1/posts: the call to DynamoDB that took the time. Metrics: the alarm asyncsns-post-errors.",
            "トレースの POST /v1/posts: 時間のかかったDynamoDB呼び出し。メトリクス: アラーム asyncsns-post-errors。",
        ),
        _later("function_timeout"),
        seconds=25,
    ),
    Drill(
        "function-leaks",
        Words("A function leaks memory", "関数がメモリリークする"),
        Words(
            "A function made for the drill keeps 24 MB more with each invocation.",
            "訓練用の関数が、呼び出しのたびに24 MBを確保したまま残します。",
        ),
        Words(
            "The lines of the drill: the memory of the function after each invocation, and of a new environment.",
            "結果の各行: 呼び出しごとの関数のメモリと、新しい実行環境のメモリ。",
        ),
        _later("function_leaks"),
        seconds=5,
    ),
    Drill(
        "emulator-killed",
        Words("The machine dies under load", "負荷中にマシンが落ちる"),
        Words(
            "The emulator is killed while three people post without a pause. Every acknowledged post must be "
            "there afterwards.",
            "三人が投稿し続ける中でエミュレータを強制終了します。受け付けた投稿がすべて残っていることを確認します。",
        ),
        Words(
            "The lines of the drill; pages of this console say that the emulator does not respond, for the "
            "seconds of its restart.",
            "結果の各行。再起動中の数秒間、このコンソールのページはエミュレータが応答しないと表示します。",
        ),
        _later("emulator_killed"),
        seconds=25,
        long=True,
    ),
    Drill(
        "clock-skew",
        Words("A clock is wrong", "時計がずれている"),
        Words(
            "Devices and signers with wrong clocks. AWS refuses signatures that are too old; nothing else "
            "depends on a device's time.",
            "端末や署名側の時計がずれた場合です。AWSは古すぎる署名を拒否し、それ以外では端末の時刻を使いません。",
        ),
        Words("The lines of the drill: each wrong clock, and the answer.", "結果の各行: ずれた時計ごとの応答。"),
        _later("clock_skew"),
        seconds=5,
    ),
    Drill(
        "disk-full",
        Words("The disk is full", "ディスクが満杯になる"),
        Words(
            "The emulator can't write any more. Requests fail rather than being acknowledged and lost.",
            "エミュレータは何も書けなくなります。受け付けてデータを失うのではなく、リクエストを失敗させます。",
        ),
        Words(
            "The app: writes fail, then work again. Traces, Only failed: the requests that could not be written.",
            "アプリ: 書き込みが失敗し、その後復旧します。トレースの「失敗のみ」: 書き込めなかったリクエスト。",
        ),
        _later("disk_full"),
        seconds=15,
        long=True,
    ),
    Drill(
        "s3-errors",
        Words("S3 fails in the whole region", "リージョン全体でS3が失敗する"),
        Words(
            "Every request to S3 gets 503 SlowDown. CloudFront still serves what it has cached.",
            "S3へのリクエストはすべて503 SlowDownになります。"
            "キャッシュ済みのファイルはCloudFrontから配信され続けます。",
        ),
        Words(
            "The app: timelines and cached photos still open, an upload fails. Access logs: paths with 5xx.",
            "アプリ: タイムラインとキャッシュ済みの写真は開け、アップロードは失敗します。アクセスログ: 5xxのパス。",
        ),
        _later("s3_errors"),
        seconds=10,
    ),
)
DRILLS: dict[str, Drill] = {one.name: one for one in _ALL}
