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

/** The settings that the server returns after `changes`. */
function answered(changes: Changes): NotificationSettings {
  const found = JSON.parse(JSON.stringify(SETTINGS)) as NotificationSettings;
  for (const { type, channels } of found.types)
    for (const [channel, audience] of Object.entries(changes[type] ?? {}))
      channels[channel as 'inApp'].audience = audience;
  return found;
}

describe('notification presets', () => {
  it('default to "recommended"', () => {
    expect(presetOf(SETTINGS)).toBe('recommended');
  });

  it.each(PRESETS)('include %s, which is active after its changes and leaves fixed types unchanged', (preset) => {
    const changes = changesFor(preset, SETTINGS);
    expect(presetOf(answered(changes))).toBe(preset);
    expect(changes.moderation).toBeUndefined();
  });

  it('turn off pushes for likes only with "direct"', () => {
    expect(changesFor('direct', SETTINGS)).toEqual({ like: { webPush: 'nobody', mobile: 'nobody' } });
  });

  it('are null after a custom choice', () => {
    expect(presetOf(answered({ message: { mobile: 'nobody' } }))).toBeNull();
  });
});
