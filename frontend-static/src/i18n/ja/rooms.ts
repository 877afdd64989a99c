/** Group calls, in Japanese. */
import type { rooms as en } from '../en/rooms';
import type { Translation } from '../translation';

export const rooms: Translation<typeof en> = {
  'room.title': (name) => `グループ通話: ${name}`,
  'room.group': 'グループ通話',
  'room.call': 'グループ音声通話',
  'room.videoCall': 'グループビデオ通話',
  'room.memberCount': (n) => `${n}人が通話中`,
  'room.alone': 'ほかの参加者を待っています',
  'room.leave': '通話から退出',
  'room.join': '参加',
  'room.dismiss': '今はしない',
  'room.runs': (n) => `グループ通話中(${n}人)`,
  'room.rings.audio': 'グループ通話の着信',
  'room.rings.video': 'グループビデオ通話の着信',
  'room.begun': (name) => `${name}さんがグループ通話を始めました`,
  'room.full': '通話の定員に達しています。誰かが退出すると参加できます。',
  'room.leaveFirst': '別の通話中です。先にその通話を終えてください。',
  'room.elsewhere': '別のウィンドウまたは端末でこの通話に参加しています。',
  'room.moveHere': 'この端末で続ける',
  'room.movedElsewhere': '通話は別のウィンドウまたは端末で続いています。',
  'room.removed': 'グループのメンバーではなくなったため、通話から退出しました。',
  'room.lost': '通話との接続が切れました。',
  'room.muted': (name) => `${name}さんはミュート中`,
  'room.connecting': '接続しています…',
  'room.ownScreen': '自分の画面',
  'room.joined': (name) => `${name}さんが参加しました。`,
  'room.left': (name) => `${name}さんが退出しました。`,
  'room.sharesScreen': (name) => `${name}さんが画面を共有しています。`,
  'room.stoppedScreen': (name) => `${name}さんが画面の共有を終えました。`,
  'room.resume': (name) => `「${name}」の通話が続いています`,
};
