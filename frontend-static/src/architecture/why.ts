/** The reason for each box in one sentence. `docs/decisions.md` has the long form. */
import type { Text } from './model';

export const WHY: Readonly<Record<string, Text>> = {
  client: {
    en: 'A static app needs no server of its own and works while the API is down.',
    ja: '静的なアプリなら専用サーバーが要らず、API が止まっていても表示できます。',
  },
  'ui-s3': {
    en: 'Static files need no compute; only CloudFront can read the bucket (OAC).',
    ja: '静的なファイルの配信に計算資源は不要です。バケットは CloudFront だけが OAC で読めます。',
  },
  cloudfront: {
    en: 'One origin for UI, media and API: no CORS, one certificate, caching and DDoS protection in front of all.',
    ja: 'UI・メディア・API を 1 つのオリジンにまとめ、CORS を不要にし、証明書・キャッシュ・DDoS 対策を一か所で担います。',
  },
  cognito: {
    en: 'Passwords never reach our code (SRP); the same groups determine JWT claims and IAM roles.',
    ja: 'パスワードが自作のコードに渡ることはありません（SRP）。同じグループから JWT のクレームと IAM ロールの両方が決まります。',
  },
  'api-gateway': {
    en: 'An HTTP API verifies the JWT and throttles before a function is billed; a REST API costs 3.5 times as much.',
    ja: 'HTTP API は、関数の課金が発生する前に JWT を検証し、流量を制限します。REST API は 3.5 倍の料金です。',
  },
  query: {
    en: 'Reads are separate from writes (CQRS): the function has a read-only role and its own memory size, and scales independently.',
    ja: '読み取りを書き込みから分離します（CQRS）。読み取り専用のロールと独自のメモリ設定を持ち、独立してスケールします。',
  },
  post: {
    en: 'One function per context: its role covers only its own tables, and its release cannot break chat.',
    ja: 'コンテキストごとに関数を分け、ロールの権限を自身のテーブルに限定します。リリースがチャットに影響しません。',
  },
  chat: {
    en: 'The same commands serve HTTP and WebSocket, so the transport can change.',
    ja: 'HTTP と WebSocket を同じコマンドで処理するため、トランスポートを変更できます。',
  },
  call: {
    en: 'Signalling is sent directly to the socket, because a late ICE candidate is useless.',
    ja: 'シグナリングはソケットへ直接送ります。遅れて届く ICE 候補には価値がないためです。',
  },
  profile: {
    en: 'Follows are conditional writes: a retry changes nothing, and counters stay correct.',
    ja: 'フォローは条件付き書き込みです。再試行しても結果は変わらず、カウンターもずれません。',
  },
  more: {
    en: 'Permissions end at the function: the one that suspends accounts is not the one that publishes posts.',
    ja: '権限の境界は関数です。アカウントを停止する権限と投稿する権限を分けます。',
  },
  dynamodb: {
    en: 'Write latency stays the same at any size, and billing is per request: without writes, there is no cost for them.',
    ja: '規模によらず書き込みのレイテンシが一定です。リクエスト課金なので、書き込みがなければその費用はかかりません。',
  },
  stream: {
    en: 'The change itself is the event, so a write and its consequences cannot diverge (no dual write).',
    ja: '変更そのものがイベントになるため、書き込みと後続処理が食い違いません（二重書き込みなし）。',
  },
  opensearch: {
    en: 'Full text in Japanese needs analysers and ranking that DynamoDB does not have.',
    ja: '日本語の全文検索には、DynamoDB にない形態素解析とランキングが必要です。',
  },
  projectors: {
    en: 'They run after the response: a slow search index does not slow down a post.',
    ja: '応答の後に動くため、検索インデックスが遅くても投稿は遅くなりません。',
  },
  's3-store': {
    en: 'Files go directly from the browser to S3: no function waits for a video.',
    ja: 'ファイルはブラウザーから S3 へ直接送られ、関数が動画を待つことはありません。',
  },
  'media-lambda': {
    en: "The bucket's notification starts it, and only it contains the heavy libraries, so other functions start fast.",
    ja: 'バケットの通知で起動し、重いライブラリはここだけに置くため、他の関数の起動が速く保たれます。',
  },
  sns: {
    en: 'A publisher does not know its consumers: a new consumer is a subscription with a filter.',
    ja: 'パブリッシャーはコンシューマーを知りません。コンシューマーの追加は、フィルター付きのサブスクリプションを加えるだけです。',
  },
  sqs: {
    en: 'One queue per consumer: failed messages wait in its own dead-letter queue, and the other consumers continue.',
    ja: 'コンシューマーごとのキューです。1 つが失敗しても、そのメッセージは自身の DLQ に残り、ほかは処理を続けます。',
  },
  consumer: {
    en: 'At-least-once delivery and idempotent processing: retries are safe, and the concurrency follows the queue.',
    ja: '少なくとも 1 回の配信と冪等な処理。再試行は安全で、並列数はキューに追従します。',
  },
  clock: {
    en: 'A sweep each minute finds due posts, and a message delay adds the seconds: one schedule for any number of posts.',
    ja: '1 分ごとに期限の来た投稿を探し、メッセージの遅延で秒単位に合わせます。予約数によらずスケジュールは 1 つです。',
  },
  websocket: {
    en: 'API Gateway holds the connections, and functions run only per frame, so no server has to stay up.',
    ja: '接続は API Gateway が保持し、関数はフレームごとにだけ動くため、常駐サーバーが要りません。',
  },
  kinesis: {
    en: 'Keeps the order within a conversation for any number of devices; SQS standard queues do not guarantee it.',
    ja: '会話内の順序を端末数によらず守ります。SQS 標準キューは順序を保証しません。',
  },
  'rtc-lambda': {
    en: 'Only this function knows the connections, so the transport can be replaced without changes to chat or calls.',
    ja: '接続を扱うのはこの関数だけなので、チャットや通話を変更せずにトランスポートを置き換えられます。',
  },
  cloudwatch: {
    en: 'Metrics are made from log lines (EMF), so a request makes no extra call and does not wait.',
    ja: 'メトリクスはログ行（EMF）から作られ、リクエスト中の呼び出しや待ちがありません。',
  },
  'x-ray': {
    en: 'One trace id from the click to the other device, across streams, topics and queues.',
    ja: 'クリックから相手の端末まで、ストリーム・トピック・キューを越えて 1 つのトレース ID で追えます。',
  },
};
