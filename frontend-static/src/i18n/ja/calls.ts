/** Calls, in Japanese. */
import type { calls as en } from '../en/calls';
import type { Translation } from '../translation';

export const calls: Translation<typeof en> = {
  'call.incoming.audio': '音声通話の着信',
  'call.incoming.video': 'ビデオ通話の着信',
  'call.calling': '呼び出し中…',
  'call.connecting': '接続しています…',
  'call.reconnecting': '接続が切れました。再試行しています…',
  'call.accept': '応答',
  'call.decline': '拒否',
  'call.hangup': '通話を終える',
  'call.mute': 'ミュート',
  'call.unmute': 'ミュート解除',
  'call.cameraOff': 'カメラをオフ',
  'call.cameraOn': 'カメラをオン',
  'call.outcome.ended': '通話が終わりました。',
  'call.outcome.declined': '応答できないようです。',
  'call.outcome.busy': '相手は別の通話中です。',
  'call.outcome.missed': '応答がありませんでした。',
  'call.missedHere': '不在着信',
  'call.outcome.cancelled': '通話は取り消されました。',
  'call.outcome.failed': '通話を接続できませんでした。',
  'call.otherLeft': (name) => `${name} さんが通話から退出しました。`,
  'call.youLeft': '接続が途切れたため、通話を終了しました。',
  'call.device.refused.audio':
    'この端末では、このサイトのマイクの使用が許可されていません。ブラウザーのサイト設定で許可してから、もう一度お試しください。',
  'call.device.refused.video':
    'この端末では、このサイトのマイクとカメラの使用が許可されていません。ブラウザーのサイト設定で両方を許可してから、もう一度お試しください。',
  'call.device.missing.audio': 'この端末にマイクが見つかりません。接続してから、もう一度お試しください。',
  'call.device.missing.video': 'この端末にマイクまたはカメラが見つかりません。接続してから、もう一度お試しください。',
  'call.device.taken.audio': 'ほかのアプリがマイクを使用中です。そのアプリを閉じてから、もう一度お試しください。',
  'call.device.taken.video':
    'ほかのアプリがマイクまたはカメラを使用中です。そのアプリを閉じてから、もう一度お試しください。',
  'call.ringsOn': 'この端末でもほかの端末でも、着信は続いています。',
  'call.otherCall': '別の通話が続いています',
  'call.otherCallHint':
    'ほかの端末や、閉じたページでの通話が残っている可能性があります。同時に通話できるのは1件だけです。',
  'call.endAndCall': 'その通話を終えてかけ直す',
  'call.answerFirst': '着信中の通話があります。先に応答するか拒否してください。',
  'call.tryAgain': '同時に別の通話が始まったため、発信できませんでした。もう一度お試しください。',
  'call.title': (name) => `${name} さんとの通話`,
  'call.you': '自分',
};
