import {
  CHANNELS,
  type Channel,
  type NotificationAudience,
  type NotificationSettings,
  type NotificationType,
} from '../api/types';
import { t } from '../i18n';
import { hasLive } from '../state/lives';

interface Props {
  settings: NotificationSettings;
  choose: (type: NotificationType, channel: Channel, audience: NotificationAudience) => void;
}

/**
 * Types by channels; each cell selects whose actions notify. A table on wide screens, a card per type on narrow ones
 * (CSS).
 */
export function SettingsMatrix({ settings, choose }: Props) {
  return (
    <table class="matrix">
      <caption class="visually-hidden">{t('notificationSettings.matrix')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('notificationSettings.type')}</th>
          {CHANNELS.map((channel) => (
            <th key={channel} scope="col">
              {t(`notificationSettings.channel.${channel}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {settings.types.filter(isThere).map(({ type, channels }) => (
          <tr key={type}>
            <th scope="row">{t(`notificationSettings.type.${type}`)}</th>
            {CHANNELS.map((channel) => (
              <td key={channel}>
                <span class="matrix-channel" aria-hidden="true">
                  {t(`notificationSettings.channel.${channel}`)}
                </span>
                <Cell type={type} channel={channel} {...channels[channel]} choose={choose} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Without a media server there are no live streams. */
function isThere({ type }: { type: NotificationType }): boolean {
  return type !== 'live' || hasLive();
}

interface CellProps {
  type: NotificationType;
  channel: Channel;
  audience: NotificationAudience;
  choices: NotificationAudience[];
  choose: Props['choose'];
}

function Cell({ type, channel, audience, choices, choose }: CellProps) {
  const personal = choices.includes('following');
  const name = (one: NotificationAudience) =>
    one === 'everyone' && !personal ? t('notificationSettings.on') : t(`notificationSettings.audience.${one}`);
  return (
    <select
      class="matrix-select"
      data-audience={audience}
      aria-label={`${t(`notificationSettings.type.${type}`)}: ${t(`notificationSettings.channel.${channel}`)}`}
      disabled={choices.length < 2}
      value={audience}
      onChange={(event) => choose(type, channel, event.currentTarget.value as NotificationAudience)}>
      {choices.map((one) => (
        <option key={one} value={one} selected={one === audience}>
          {name(one)}
        </option>
      ))}
    </select>
  );
}
