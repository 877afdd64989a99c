/** Texts about a call's state. */
import { deviceAdvice } from '../calls/devices';
import { t } from '../i18n';
import { type ActiveCall, isAway, isTalk } from './active-call';
import type { OwnMedia } from './call-media';

const PHASES = {
  calling: 'call.calling',
  connecting: 'call.connecting',
  reconnecting: 'call.reconnecting',
  connected: 'call.connected',
} as const;

/** The other side's page is gone: reloaded, closed or without network. It has 20 seconds to return. */
export function isOtherAway({ call, other }: ActiveCall): boolean {
  return isTalk(call) && isAway(call, other.id);
}

export function phaseText(current: ActiveCall): string {
  const { phase, other } = current;
  if (phase === 'incoming') return '';
  return isOtherAway(current) && phase !== 'connected' ? t('call.otherAway', other.displayName) : t(PHASES[phase]);
}

/** The notice that the system has muted a device of this page, with instructions. */
export function silencedWords({ silenced }: OwnMedia): string[] {
  return [
    ...(silenced.microphone ? [t('call.silenced.microphone')] : []),
    ...(silenced.camera ? [t('call.silenced.camera')] : []),
  ];
}

/** Notices about this page's devices and video. */
export function ownNotices(own: OwnMedia): string[] {
  const { problems, rests, voiceOnly, tracks } = own;
  return [
    !tracks.microphone && problems.microphone && deviceAdvice(problems.microphone, 'microphone'),
    !tracks.microphone && t('call.listening'),
    !tracks.camera && problems.camera && deviceAdvice(problems.camera, 'camera'),
    ...silencedWords(own),
    rests && t('call.rests'),
    voiceOnly && t('call.voiceOnlyOn'),
  ].filter((one) => typeof one === 'string');
}

/**
 * For screen readers: the caller, the state of the call, and whether one is muted. The end is a toast, which is
 * announced too.
 */
export function callNews(current: ActiveCall | null, own: OwnMedia): string {
  if (!current) return '';
  const { call, other, phase } = current;
  if (phase === 'incoming') return `${t(`call.incoming.${call.media}`)}: ${other.displayName}`;
  const parts = [t('call.title', other.displayName), phaseText(current)];
  if (!own.tracks.microphone) parts.push(t('call.listening'));
  else if (own.muted) parts.push(t('call.muted'));
  parts.push(...silencedWords(own));
  return parts.join(' ');
}
