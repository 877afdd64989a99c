/** The boxes of the diagram and what each does in asyncsns. */
import { type Box, GROUPS, type Text } from './model';

const lambda = (name: string, x: number, y: number, does: Text): Box => ({
  id: name.toLowerCase(),
  name: `${name} Lambda`,
  x,
  y,
  w: 145,
  h: 40,
  does,
});

export const BOXES: readonly Box[] = [
  {
    id: 'client',
    name: 'Client',
    x: 480,
    y: 20,
    w: 160,
    h: 56,
    does: {
      en:
        'This page: a static web app. It signs in at Cognito, talks to one origin (CloudFront) for everything ' +
        'over HTTP, and keeps one WebSocket for what happens live.',
      ja: 'このページ、つまり静的な Web アプリです。Cognito でログインし、HTTP はすべて 1 つのオリジン（CloudFront）へ、リアルタイムの出来事は 1 本の WebSocket で受け取ります。',
    },
  },
  {
    id: 'cognito',
    name: 'Cognito',
    x: 60,
    y: 168,
    w: 140,
    h: 46,
    does: {
      en:
        'User pool with SRP sign-in, refresh and groups; our own sign-up and sign-in pages instead of the ' +
        'hosted UI. It issues the JWTs, and its identity pool gives developers and administrators temporary ' +
        'IAM credentials.',
      ja: 'SRP ログイン、更新、グループを持つユーザープール。ホスト UI ではなく自作の登録・ログイン画面を使います。JWT を発行し、ID プールは開発者と管理者に一時的な IAM 認証情報を渡します。',
    },
  },
  {
    id: 'cloudfront',
    name: 'CloudFront',
    x: 490,
    y: 168,
    w: 140,
    h: 46,
    does: {
      en:
        'The one door: TLS, caching and compression. Sends /v1 and /v2 to the API, /media to the media bucket ' +
        'and everything else to the UI bucket, both only reachable through origin access control.',
      ja: '唯一の入口。TLS、キャッシュ、圧縮を担います。/v1 と /v2 は API へ、/media はメディア用バケットへ、それ以外は UI 用バケットへ。どちらのバケットも OAC を通してのみ読めます。',
    },
  },
  {
    id: 'ui-s3',
    name: 'S3 (UI)',
    x: 60,
    y: 308,
    w: 140,
    h: 46,
    does: {
      en: 'Holds the built web app. Hashed file names are cached for ever, index.html and config.json never.',
      ja: 'ビルドした Web アプリを置きます。ハッシュ付きのファイルは長く、index.html と config.json は毎回確認して配信します。',
    },
  },
  {
    id: 'api-gateway',
    name: 'API Gateway',
    x: 490,
    y: 308,
    w: 140,
    h: 46,
    does: {
      en: 'HTTP API: checks the JWT so that no backend repeats it, throttles, and carries the versions /v1 and /v2.',
      ja: 'HTTP API。JWT の検証をここで済ませるので、バックエンドは実装しません。流量制限と /v1・/v2 の版管理も担います。',
    },
  },
  {
    ...lambda('Query', 314, 490, {
      en: 'Answers every GET: timelines, posts, profiles and conversations from DynamoDB, search from OpenSearch.',
      ja: 'すべての GET に答えます。タイムライン、投稿、プロフィール、会話は DynamoDB から、検索は OpenSearch から。',
    }),
  },
  {
    ...lambda('Post', 508, 468, {
      en: 'Publishes and deletes posts, likes, and hands out the upload form for photos, video and audio.',
      ja: '投稿の公開と削除、いいね、写真・動画・音声のアップロード許可の発行を行います。',
    }),
  },
  {
    ...lambda('Chat', 665, 468, {
      en: 'Numbers each message of a conversation, so that every device sees the same order without gaps.',
      ja: '会話のメッセージに番号を振り、どの端末でも抜けなく同じ順序で見えるようにします。',
    }),
  },
  {
    ...lambda('Call', 508, 514, {
      en: 'The state machine of a call: ringing, accepted, connected, ended; the first device that answers wins.',
      ja: '通話の状態遷移（呼び出し、応答、接続、終了）を管理します。最初に応答した端末が通話に入ります。',
    }),
  },
  {
    ...lambda('Profile', 665, 514, {
      en: 'Profiles and follows, as conditional writes: doing it twice changes nothing.',
      ja: 'プロフィールとフォロー。条件付き書き込みなので、2 回実行しても結果は変わりません。',
    }),
  },
  {
    id: 's3-store',
    name: 'S3 (media)',
    x: 60,
    y: 673,
    w: 140,
    h: 46,
    does: {
      en:
        'Photos, video and audio. The browser uploads straight to it with a signed form; the media Lambda ' +
        'checks each file; readers get it through CloudFront.',
      ja: '写真・動画・音声を保存します。ブラウザーは署名付きフォームで直接アップロードし、メディア Lambda が検査し、閲覧は CloudFront 経由です。',
    },
  },
  {
    id: 'opensearch',
    name: 'OpenSearch',
    x: 300,
    y: 673,
    w: 140,
    h: 46,
    does: {
      en: 'Full-text search over posts, people and tags in Japanese and English.',
      ja: '投稿・ユーザー・タグの日本語と英語の全文検索。',
    },
  },
  {
    id: 'stream',
    name: 'DynamoDB Stream',
    x: 485,
    y: 673,
    w: 150,
    h: 46,
    does: {
      en:
        'The outbox: each change of a table becomes an event that updates search, counters, timelines and ' +
        'notifications. Failing records are retried, bisected, and end in a queue instead of being lost.',
      ja: 'アウトボックスの役割。表の変更がイベントになり、検索、カウンター、タイムライン、通知を更新します。失敗したレコードは再試行・二分割され、失われずにキューへ送られます。',
    },
  },
  {
    id: 'dynamodb',
    name: 'DynamoDB',
    x: 680,
    y: 673,
    w: 140,
    h: 46,
    does: {
      en: 'The truth: one table per context. A command is one conditional write or one transaction.',
      ja: '真実の置き場所。コンテキストごとに 1 つの表を持ち、コマンドは 1 回の条件付き書き込みかトランザクションです。',
    },
  },
  {
    id: 'sns',
    name: 'Amazon SNS',
    x: 960,
    y: 450,
    w: 160,
    h: 46,
    does: {
      en: 'Spreads domain events (published, followed, liked, message sent, call missed) to the queues that want them.',
      ja: 'ドメインイベント（投稿、フォロー、いいね、メッセージ、不在着信）を、必要とするキューへ配ります。',
    },
  },
  {
    id: 'sqs',
    name: 'Amazon SQS',
    x: 960,
    y: 546,
    w: 160,
    h: 46,
    does: {
      en: 'One queue per channel, each with a dead-letter queue: a slow or broken consumer delays, but never loses.',
      ja: 'チャネルごとのキュー。それぞれ DLQ を持つので、処理が遅れたり壊れたりしても失われません。',
    },
  },
  {
    id: 'consumer',
    name: 'Consumer Lambda',
    x: 960,
    y: 660,
    w: 160,
    h: 46,
    does: {
      en:
        'Fans posts out to timelines and writes notifications: live over the WebSocket when you are here, Web ' +
        'Push when not.',
      ja: '投稿をタイムラインへ配り、通知を書き込みます。画面を開いていれば WebSocket で、閉じていれば Web Push で届けます。',
    },
  },
  {
    id: 'websocket',
    name: 'WebSocket API',
    x: 910,
    y: 168,
    w: 160,
    h: 46,
    does: {
      en:
        'One connection per device behind a protocol-independent transport; WebTransport can take its place. ' +
        'Opened with a one-use ticket.',
      ja: '端末ごとに 1 本の接続。プロトコルに依存しない抽象の裏にあり、WebTransport に置き換えられます。1 回限りのチケットで開きます。',
    },
  },
  {
    id: 'kinesis',
    name: 'Kinesis',
    x: 1025,
    y: 228,
    w: 135,
    h: 46,
    does: {
      en: 'Carries chat and call events in order (partition key: the conversation).',
      ja: 'チャットと通話のイベントを順序どおりに運びます（パーティションキーは会話）。',
    },
  },
  {
    id: 'rtc-lambda',
    name: 'Lambda',
    x: 910,
    y: 288,
    w: 160,
    h: 46,
    does: {
      en: 'Looks up the connections of the people concerned and pushes the event to each device.',
      ja: '相手の接続を調べ、イベントをそれぞれの端末へ送ります。',
    },
  },
  {
    id: 'cloudwatch',
    name: 'CloudWatch',
    x: 190,
    y: 788,
    w: 150,
    h: 44,
    does: {
      en: 'Metrics, logs, alarms and a dashboard of every service that can send them.',
      ja: '送信できるすべてのサービスのメトリクス、ログ、アラーム、ダッシュボード。',
    },
  },
  {
    id: 'x-ray',
    name: 'X-Ray',
    x: 365,
    y: 788,
    w: 150,
    h: 44,
    does: {
      en: 'Traces: from the click to the notification.',
      ja: 'クリックから通知までをたどるトレース。',
    },
  },
];

/** Name of a box or group, for the text version of an arrow. */
export function nameOf(id: string): string {
  return [...BOXES, ...GROUPS].find((item) => item.id === id)?.name ?? id;
}
