/** The purpose of each box in asyncsns. */
import type { Text } from './model';

export const DOES: Readonly<Record<string, Text>> = {
  client: {
    en:
      'This page: a static web app. It signs in at Cognito, talks to one origin (CloudFront) for everything ' +
      'over HTTP, and keeps one WebSocket for what happens live.',
    ja: 'このページ、つまり静的な Web アプリです。Cognito でログインし、HTTP はすべて 1 つのオリジン（CloudFront）へ、リアルタイムの出来事は 1 本の WebSocket で受け取ります。',
  },
  'ui-s3': {
    en: 'Holds the built web app. Hashed file names are cached forever, index.html and config.json never.',
    ja: 'ビルドした Web アプリを置きます。ハッシュ付きのファイルは長く、index.html と config.json は毎回確認して配信します。',
  },
  cloudfront: {
    en:
      'The one door: TLS, caching and compression. Sends /v1 and /v2 to the API, /media to the media bucket ' +
      'and everything else to the UI bucket, both only reachable through origin access control.',
    ja: '唯一の入口。TLS、キャッシュ、圧縮を担います。/v1 と /v2 は API へ、/media はメディア用バケットへ、それ以外は UI 用バケットへ。どちらのバケットも OAC を通してのみ読めます。',
  },
  cognito: {
    en:
      'User pool with SRP sign-in, refresh and groups; our own sign-up and sign-in pages instead of the ' +
      'hosted UI. It issues the JWTs, and its identity pool gives developers and administrators temporary ' +
      'IAM credentials.',
    ja: 'SRP ログイン、更新、グループを持つユーザープール。ホスト UI ではなく自作の登録・ログイン画面を使います。JWT を発行し、ID プールは開発者と管理者に一時的な IAM 認証情報を渡します。',
  },
  'api-gateway': {
    en: 'HTTP API: checks the JWT so that no backend repeats it, throttles, and carries the versions /v1 and /v2.',
    ja: 'HTTP API。JWT の検証をここで済ませるので、バックエンドは実装しません。流量制限と /v1・/v2 の版管理も担います。',
  },
  query: {
    en: 'Answers every GET: timelines, posts, profiles and conversations from DynamoDB, search from OpenSearch.',
    ja: 'すべての GET に答えます。タイムライン、投稿、プロフィール、会話は DynamoDB から、検索は OpenSearch から。',
  },
  post: {
    en: 'Publishes and deletes posts, likes, and hands out the upload form for photos, video and audio.',
    ja: '投稿の公開と削除、いいね、写真・動画・音声のアップロード許可の発行を行います。',
  },
  chat: {
    en: 'Numbers each message of a conversation, so that every device sees the same order without gaps.',
    ja: '会話のメッセージに番号を振り、どの端末でも抜けなく同じ順序で見えるようにします。',
  },
  call: {
    en: 'The state machine of a call: ringing, accepted, connected, ended; the first device that answers wins.',
    ja: '通話の状態遷移（呼び出し、応答、接続、終了）を管理します。最初に応答した端末が通話に入ります。',
  },
  profile: {
    en: 'Profiles and follows, as conditional writes: doing it twice changes nothing.',
    ja: 'プロフィールとフォロー。条件付き書き込みなので、2 回実行しても結果は変わりません。',
  },
  more: {
    en: 'Settings of notifications, reports and moderation, exports and the end of an account: commands of contexts that the four beside do not serve.',
    ja: '通知の設定、通報とモデレーション、データの書き出しと退会。隣の 4 つが扱わないコンテキストのコマンドです。',
  },
  dynamodb: {
    en: 'The truth: one table per context. A command is one conditional write or one transaction.',
    ja: '真実の置き場所。コンテキストごとに 1 つの表を持ち、コマンドは 1 回の条件付き書き込みかトランザクションです。',
  },
  stream: {
    en:
      'The outbox: each change of a table becomes an event that updates search, counters, timelines and ' +
      'notifications. Failing records are retried, bisected, and end in a queue instead of being lost.',
    ja: 'アウトボックスの役割。表の変更がイベントになり、検索、カウンター、タイムライン、通知を更新します。失敗したレコードは再試行・二分割され、失われずにキューへ送られます。',
  },
  opensearch: {
    en: 'Full-text search over posts, people and tags in Japanese and English.',
    ja: '投稿・ユーザー・タグの日本語と英語の全文検索。',
  },
  projectors: {
    en: 'Follow the streams of the tables: count, index for search, publish domain events to SNS, and put frames for devices into Kinesis.',
    ja: '各表のストリームを追い、カウンターを更新し、検索用に索引を作り、ドメインイベントを SNS へ、端末向けのフレームを Kinesis へ送ります。',
  },
  's3-store': {
    en:
      'Photos, video and audio. The browser uploads straight to it with a signed form; the media Lambda ' +
      'checks each file; readers get it through CloudFront.',
    ja: '写真・動画・音声を保存します。ブラウザーは署名付きフォームで直接アップロードし、メディア Lambda が検査し、閲覧は CloudFront 経由です。',
  },
  'media-lambda': {
    en: 'Starts when a file was uploaded: checks what it really is, removes the place from photos, makes sizes and thumbnails.',
    ja: 'ファイルがアップロードされると起動します。形式を検査し、写真から位置情報を除き、各サイズとサムネイルを作ります。',
  },
  sns: {
    en: 'Spreads domain events (published, followed, liked, message sent, call missed) to the queues that want them.',
    ja: 'ドメインイベント（投稿、フォロー、いいね、メッセージ、不在着信）を、必要とするキューへ配ります。',
  },
  sqs: {
    en: 'One queue per channel, each with a dead-letter queue: a slow or broken consumer delays, but never loses.',
    ja: 'チャネルごとのキュー。それぞれ DLQ を持つので、処理が遅れたり壊れたりしても失われません。',
  },
  consumer: {
    en:
      'Fans posts out to timelines and writes notifications: live over the WebSocket when you are here, Web ' +
      'Push when not.',
    ja: '投稿をタイムラインへ配り、通知を書き込みます。画面を開いていれば WebSocket で、閉じていれば Web Push で届けます。',
  },
  clock: {
    en: 'By the clock: find scheduled posts and polls that are due, and rotate the secret between CloudFront and the API.',
    ja: '時刻で起動します。予約投稿と投票の期限を見つけ、CloudFront と API の間の秘密を更新します。',
  },
  websocket: {
    en:
      'One connection per device behind a protocol-independent transport; WebTransport can take its place. ' +
      'Opened with a one-use ticket.',
    ja: '端末ごとに 1 本の接続。プロトコルに依存しない抽象の裏にあり、WebTransport に置き換えられます。1 回限りのチケットで開きます。',
  },
  kinesis: {
    en: 'Carries chat and call events in order (partition key: the conversation).',
    ja: 'チャットと通話のイベントを順序どおりに運びます（パーティションキーは会話）。',
  },
  'rtc-lambda': {
    en: 'Looks up the connections of the people concerned and pushes the event to each device.',
    ja: '相手の接続を調べ、イベントをそれぞれの端末へ送ります。',
  },
  cloudwatch: {
    en: 'Metrics, logs, alarms and a dashboard of every service that can send them.',
    ja: '送信できるすべてのサービスのメトリクス、ログ、アラーム、ダッシュボード。',
  },
  'x-ray': {
    en: 'Traces: from the click to the notification.',
    ja: 'クリックから通知までをたどるトレース。',
  },
};
