/** The purpose of each box in asyncsns. */
import type { Text } from './model';

export const DOES: Readonly<Record<string, Text>> = {
  client: {
    en: 'This page, a static web app. It signs in with Cognito, sends all HTTP requests to one origin (CloudFront), and keeps one WebSocket for real-time events.',
    ja: 'このページ、つまり静的な Web アプリです。Cognito でログインし、HTTP リクエストはすべて 1 つのオリジン（CloudFront）へ送り、リアルタイムのイベントは 1 本の WebSocket で受け取ります。',
  },
  'ui-s3': {
    en: 'Holds the built web app. Files with hashed names are cached for a year; index.html and config.json are revalidated on each request.',
    ja: 'ビルドした Web アプリを置きます。ハッシュ付きのファイルは 1 年間キャッシュし、index.html と config.json は毎回再検証します。',
  },
  cloudfront: {
    en: 'The single entry point: TLS, caching and compression. It sends /v1 and /v2 to the API, /media to the media bucket and everything else to the UI bucket. Both buckets are reachable only through origin access control.',
    ja: '唯一のエントリーポイントです。TLS、キャッシュ、圧縮を担います。/v1 と /v2 は API へ、/media はメディア用バケットへ、それ以外は UI 用バケットへ送ります。どちらのバケットも OAC を通してのみ読めます。',
  },
  cognito: {
    en: 'User pool with SRP sign-in, token refresh and groups; the app has its own sign-up and sign-in pages instead of the hosted UI. It issues the JWTs, and its identity pool gives developers and administrators temporary IAM credentials.',
    ja: 'SRP ログイン、トークンの更新、グループを備えたユーザープールです。ホスト UI ではなく自作の登録・ログイン画面を使います。JWT を発行し、ID プールは開発者と管理者に一時的な IAM 認証情報を発行します。',
  },
  'api-gateway': {
    en: 'HTTP API: verifies the JWT, so backends do not need to, throttles requests, and serves the versions /v1 and /v2.',
    ja: 'HTTP API です。JWT をここで検証するため、バックエンドでの検証は不要です。流量制限と、/v1・/v2 のバージョン管理も担います。',
  },
  query: {
    en: 'Answers every GET: timelines, posts, profiles and conversations from DynamoDB, search from OpenSearch.',
    ja: 'すべての GET を処理します。タイムライン、投稿、プロフィール、会話は DynamoDB から、検索結果は OpenSearch から読みます。',
  },
  post: {
    en: 'Publishes and deletes posts, stores likes, and issues upload forms for photos, video and audio.',
    ja: '投稿の公開と削除、いいね、写真・動画・音声のアップロード許可の発行を行います。',
  },
  chat: {
    en: 'Numbers the messages of each conversation, so that every device shows the same order without gaps.',
    ja: '会話のメッセージに番号を振り、どの端末でも抜けなく同じ順序で見えるようにします。',
  },
  call: {
    en: 'The state machine of a call: ringing, accepted, connected, ended; the first device that answers wins.',
    ja: '通話の状態遷移（呼び出し、応答、接続、終了）を管理します。最初に応答した端末が通話に入ります。',
  },
  profile: {
    en: 'Profiles and follows as conditional writes: repeating a command changes nothing.',
    ja: 'プロフィールとフォローを扱います。条件付き書き込みなので、同じコマンドを繰り返しても結果は変わりません。',
  },
  more: {
    en: 'The commands of all other contexts: notification settings, reports and moderation, data export and account deletion.',
    ja: 'ほかのコンテキストのコマンドです。通知の設定、通報とモデレーション、データの書き出し、退会を扱います。',
  },
  dynamodb: {
    en: 'The source of truth: one table per context. A command is one conditional write or one transaction.',
    ja: '信頼できる唯一の情報源です。コンテキストごとに 1 つのテーブルを持ち、コマンドは 1 回の条件付き書き込みかトランザクションです。',
  },
  stream: {
    en: 'The outbox: each change of a table becomes an event that updates search, counters, timelines and notifications. Failing records are retried, bisected, and sent to a queue instead of being lost.',
    ja: 'アウトボックスの役割を担います。テーブルの変更がイベントになり、検索、カウンター、タイムライン、通知を更新します。失敗したレコードは再試行・二分割され、失われずにキューへ送られます。',
  },
  opensearch: {
    en: 'Full-text search over posts, people and tags in Japanese and English.',
    ja: '投稿・ユーザー・タグを日本語と英語で全文検索します。',
  },
  projectors: {
    en: 'Read the table streams: update counters, index documents for search, publish domain events to SNS, and send frames for devices to Kinesis.',
    ja: '各テーブルのストリームを読み、カウンターの更新、検索用の索引付け、SNS へのドメインイベントの発行、Kinesis への端末向けフレームの送信を行います。',
  },
  's3-store': {
    en: 'Photos, video and audio. The browser uploads directly to it with a signed form; the media Lambda checks each file; CloudFront delivers it.',
    ja: '写真・動画・音声を保存します。ブラウザーは署名付きフォームで直接アップロードし、メディア Lambda が検査し、CloudFront が配信します。',
  },
  'media-lambda': {
    en: 'Runs after each upload: checks the actual file type, removes the location from photos, and creates sizes and thumbnails.',
    ja: 'ファイルがアップロードされると起動します。形式を検査し、写真から位置情報を除き、各サイズとサムネイルを作ります。',
  },
  sns: {
    en: 'Distributes domain events (published, followed, liked, message sent, call missed) to the queues that subscribe to them.',
    ja: 'ドメインイベント（投稿、フォロー、いいね、メッセージ、不在着信）を、購読しているキューへ配信します。',
  },
  sqs: {
    en: 'One queue per channel, each with a dead-letter queue: a slow or failing consumer delays messages, but does not lose them.',
    ja: 'チャネルごとのキューです。それぞれ DLQ を持つので、コンシューマーが遅延・失敗してもメッセージは失われません。',
  },
  consumer: {
    en: 'Fans posts out to timelines and writes notifications: over the WebSocket while the app is open, otherwise by Web Push.',
    ja: '投稿をタイムラインへファンアウトし、通知を書き込みます。アプリを開いていれば WebSocket で、閉じていれば Web Push で届けます。',
  },
  clock: {
    en: 'Run on a schedule: find scheduled posts and polls that are due, and rotate the secret that CloudFront and the API share.',
    ja: 'スケジュールで起動します。期限になった予約投稿とアンケートを検出し、CloudFront と API が共有するシークレットを更新します。',
  },
  websocket: {
    en: 'One connection per device behind a protocol-independent interface; WebTransport can replace it. It is opened with a one-time ticket.',
    ja: '端末ごとに 1 本の接続です。プロトコルに依存しないインターフェースで扱うため、WebTransport にも置き換えられます。1 回限りのチケットで接続します。',
  },
  kinesis: {
    en: 'Carries chat and call events in order (partition key: the conversation).',
    ja: 'チャットと通話のイベントを順序どおりに運びます（パーティションキーは会話）。',
  },
  'rtc-lambda': {
    en: 'Looks up the connections of the recipients and pushes the event to each device.',
    ja: '受信者の接続を検索し、イベントをそれぞれの端末へ送ります。',
  },
  cloudwatch: {
    en: 'Metrics, logs, alarms and a dashboard of every service that can send them.',
    ja: '対応するすべてのサービスのメトリクス、ログ、アラーム、ダッシュボードです。',
  },
  'x-ray': {
    en: 'Traces each action from the click to the notification.',
    ja: '操作ごとに、クリックから通知までをトレースします。',
  },
};
