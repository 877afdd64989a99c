/** What is said about a call, in words. */
import { t } from '../i18n';
import { type ActiveCall, isAway, isTalk } from './active-call';
import type { OwnMedia } from './call-media';

const PHASES = {
  calling: 'call.calling',
  connecting: 'call.connecting',
  reconnecting: 'call.reconnecting',
  connected: 'call.connected',
} as const;

/** The page of the other side is gone: reloaded, closed or without network. They have 20 seconds to come back. */
export function isOtherAway({ call, other }: ActiveCall): boolean {
  return isTalk(call) && isAway(call, other.id);
}

export function phaseText(current: ActiveCall): string {
  const { phase, other } = current;
  if (phase === 'incoming') return '';
  return isOtherAway(current) && phase !== 'connected' ? t('call.otherAway', other.displayName) : t(PHASES[phase]);
}

/** That the system has muted a device of this page, and what to do about it. */
export function silencedWords({ silenced }: OwnMedia): string[] {
  return [
    ...(silenced.microphone ? [t('call.silenced.microphone')] : []),
    ...(silenced.camera ? [t('call.silenced.camera')] : []),
  ];
}

/** For screen readers: who rings, how the call stands, and whether one is heard. The end is a toast, which is read too. */
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
