/** Presets for notifications: the value of each cell of the matrix. */
import type { Channel, NotificationAudience, NotificationSettings, NotificationType } from '../api/types';
import { CHANNELS } from '../api/types';

export const PRESETS = ['recommended', 'everything', 'following', 'direct', 'appOnly'] as const;
export type Preset = (typeof PRESETS)[number];

type Cell = NotificationSettings['types'][number]['channels'][Channel];

/** Notifications that concern the reader directly, or that they wait for. */
const DIRECT: ReadonlySet<NotificationType> = new Set([
  'message',
  'missed_call',
  'mention',
  'reply',
  'follow_request',
  'moderation',
]);

function wanted(preset: Preset, type: NotificationType, channel: Channel, cell: Cell): NotificationAudience {
  switch (preset) {
    case 'recommended':
      return cell.default;
    case 'everything':
      return 'everyone';
    case 'following':
      return cell.choices.includes('following') ? 'following' : cell.default;
    case 'direct':
      if (channel === 'inApp') return cell.default;
      return DIRECT.has(type) ? 'everyone' : 'nobody';
    case 'appOnly':
      return channel === 'inApp' ? cell.default : 'nobody';
  }
}

/** The value of a cell under a preset: its default if the preset's value is not allowed there. */
function audienceOf(preset: Preset, type: NotificationType, channel: Channel, cell: Cell): NotificationAudience {
  const audience = wanted(preset, type, channel, cell);
  return cell.choices.includes(audience) ? audience : cell.default;
}

export type Changes = Partial<Record<NotificationType, Partial<Record<Channel, NotificationAudience>>>>;

/** The cells that a preset changes. */
export function changesFor(preset: Preset, { types }: NotificationSettings): Changes {
  const changes: Changes = {};
  for (const { type, channels } of types)
    for (const channel of CHANNELS) {
      const audience = audienceOf(preset, type, channel, channels[channel]);
      if (audience !== channels[channel].audience) changes[type] = { ...changes[type], [channel]: audience };
    }
  return changes;
}

/** The preset that matches the settings, or null for individual settings. */
export function presetOf(settings: NotificationSettings): Preset | null {
  return PRESETS.find((preset) => Object.keys(changesFor(preset, settings)).length === 0) ?? null;
}
