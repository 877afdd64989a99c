import { describe, expect, it } from 'vitest';
import type { NotificationSettings } from '../src/api/types';
import { type Changes, changesFor, PRESETS, presetOf } from '../src/lib/notification-presets';

const person = { choices: ['everyone', 'following', 'nobody'] } as const;
const fixed = { audience: 'everyone', default: 'everyone', choices: ['everyone'] } as const;
const likes = { ...person, audience: 'following', default: 'following' } as const;
const messages = { ...person, audience: 'everyone', default: 'everyone' } as const;

const SETTINGS = {
  quietHours: { enabled: false, start: '22:00', end: '07:00', timeZone: 'UTC' },
  types: [
    { type: 'like', channels: { inApp: messages, webPush: likes, mobile: likes } },
    { type: 'message', channels: { inApp: messages, webPush: messages, mobile: messages } },
    { type: 'moderation', channels: { inApp: fixed, webPush: fixed, mobile: fixed } },
  ],
} as unknown as NotificationSettings;

/** The server's answer. */
function answered(changes: Changes): NotificationSettings {
  const found = JSON.parse(JSON.stringify(SETTINGS)) as NotificationSettings;
  for (const { type, channels } of found.types)
    for (const [channel, audience] of Object.entries(changes[type] ?? {}))
      channels[channel as 'inApp'].audience = audience;
  return found;
}

describe('presets of notifications', () => {
  it('are recommended for people who never chose', () => {
    expect(presetOf(SETTINGS)).toBe('recommended');
  });

  it.each(PRESETS)('%s holds once its changes are made, and changes what can be chosen only', (preset) => {
    const changes = changesFor(preset, SETTINGS);
    expect(presetOf(answered(changes))).toBe(preset);
    expect(changes.moderation).toBeUndefined();
  });

  it('push nothing but what concerns the reader in person', () => {
    expect(changesFor('direct', SETTINGS)).toEqual({ like: { webPush: 'nobody', mobile: 'nobody' } });
  });

  it('are none after a choice of its own', () => {
    expect(presetOf(answered({ message: { mobile: 'nobody' } }))).toBeNull();
  });
});
