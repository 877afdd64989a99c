/** The reason for each box in one sentence. `docs/decisions.md` has the long form. */
import type { Text } from './model';

export const WHY: Readonly<Record<string, Text>> = {
  client: {
    en: 'A static app needs no server of its own and works while the API is down.',
    ja: '静的なアプリなら専用サーバーが要らず、API が止まっていても表示できます。',
  },
  'ui-s3': {
    en: 'Files that never change need no compute; only CloudFront may read the bucket (OAC).',
    ja: '変わらないファイルに計算資源は不要です。バケットは CloudFront だけが OAC で読めます。',
  },
  cloudfront: {
    en: 'One origin for UI, media and API: no CORS, one certificate, caching and DDoS protection in front of all.',
    ja: 'UI・メディア・API を 1 つのオリジンにまとめ、CORS を不要にし、証明書・キャッシュ・DDoS 対策を一か所で担います。',
  },
  cognito: {
    en: 'Passwords never reach our code (SRP); the same groups give JWT claims and IAM roles.',
    ja: 'パスワードは自作コードに届きません（SRP）。同じグループから JWT のクレームと IAM ロールの両方が決まります。',
  },
  'api-gateway': {
    en: 'An HTTP API checks the JWT and throttles before a function is paid for; a REST API costs 3.5 times as much.',
    ja: 'HTTP API は関数が課金される前に JWT を検証し流量を制限します。REST API は 3.5 倍の料金です。',
  },
  query: {
    en: 'Reading is apart from writing (CQRS): it has a role that only reads, memory of its own, and scales alone.',
    ja: '読み取りを書き込みから分離（CQRS）。読み取り専用のロールと独自のメモリ設定を持ち、単独でスケールします。',
  },
  post: {
    en: 'A function for each context: its role names only its own tables, and its release cannot break chat.',
    ja: 'コンテキストごとに関数を分け、ロールは自分の表だけに限定。リリースがチャットに影響しません。',
  },
  chat: {
    en: 'It serves HTTP and sockets with the same commands, so the transport can change.',
    ja: 'HTTP とソケットに同じコマンドで応えるため、トランスポートを替えられます。',
  },
  call: {
    en: 'Signalling goes straight to the socket: a candidate that comes late is worthless.',
    ja: 'シグナリングはソケットへ直接送ります。遅れて届く ICE 候補には価値がないためです。',
  },
  profile: {
    en: 'Follows are conditional writes: a retry changes nothing, and counters stay true.',
    ja: 'フォローは条件付き書き込み。再試行しても変化せず、カウンターがずれません。',
  },
  more: {
    en: 'Rights end at the function: who may suspend people is not who may post.',
    ja: '権限の境界は関数です。利用停止の権限と投稿の権限を分けます。',
  },
  dynamodb: {
    en: 'Writes keep their latency at any size, and you pay by request: nothing runs while nobody writes.',
    ja: '規模によらず書き込みの遅延が一定で、課金はリクエスト単位。誰も書かなければ費用もかかりません。',
  },
  stream: {
    en: 'The change itself is the event: a write and its consequences can never differ (no dual write).',
    ja: '変更そのものがイベントになるため、書き込みと結果が食い違いません（二重書き込みなし）。',
  },
  opensearch: {
    en: 'Full text in Japanese needs analysers and ranking that DynamoDB does not have.',
    ja: '日本語の全文検索には、DynamoDB にない形態素解析とランキングが必要です。',
  },
  projectors: {
    en: 'They work after the answer was given: a slow search index never slows a post.',
    ja: '応答の後で動くため、検索索引が遅くても投稿は遅くなりません。',
  },
  's3-store': {
    en: 'Files go from the browser to S3 directly: no function waits for a video.',
    ja: 'ファイルはブラウザーから S3 へ直接送られ、関数が動画を待つことはありません。',
  },
  'media-lambda': {
    en: "It starts by the bucket's notification and has the heavy libraries alone, so other functions start fast.",
    ja: 'バケットの通知で起動し、重いライブラリはここだけに置くため、他の関数の起動が速く保たれます。',
  },
  sns: {
    en: 'A publisher does not know its readers: a new consumer is a subscription with a filter.',
    ja: '発行側は読み手を知りません。新しい利用側はフィルター付きの購読を加えるだけです。',
  },
  sqs: {
    en: 'A queue for each consumer: one that fails waits in its own dead-letter queue, the others go on.',
    ja: '利用側ごとのキュー。1 つが失敗しても自分の DLQ に残り、他は進みます。',
  },
  consumer: {
    en: 'At least once and idempotent: retries are safe, and the concurrency follows the queue.',
    ja: '少なくとも 1 回の配信と冪等な処理。再試行は安全で、並列数はキューに追従します。',
  },
  clock: {
    en: "A minute's sweep finds what is due; a message is then delayed to the second: one schedule for any number of posts.",
    ja: '1 分ごとに期限を探し、メッセージの遅延で秒まで合わせます。予約数によらずスケジュールは 1 つです。',
  },
  websocket: {
    en: 'Devices keep a connection and no server does: API Gateway holds it, functions run per frame.',
    ja: '接続は API Gateway が保持し、関数はフレームごとにだけ動きます。',
  },
  kinesis: {
    en: 'Order within a conversation, at any number of devices; SQS standard queues promise none.',
    ja: '会話内の順序を端末数によらず守ります。SQS 標準キューは順序を保証しません。',
  },
  'rtc-lambda': {
    en: 'One place knows connections: the transport can be replaced without touching chat or calls.',
    ja: '接続を知るのはここだけなので、チャットや通話に触れずにトランスポートを替えられます。',
  },
  cloudwatch: {
    en: 'Metrics come from log lines (EMF): no call and no wait inside a request.',
    ja: 'メトリクスはログ行（EMF）から作られ、リクエスト中の呼び出しや待ちがありません。',
  },
  'x-ray': {
    en: 'One trace id from the click to the other device, across streams, topics and queues.',
    ja: 'クリックから相手の端末まで、ストリーム・トピック・キューを越えて 1 つのトレース ID で追えます。',
  },
};
