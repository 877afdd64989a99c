import type { NotificationSettings, SettingsChange } from '../api/types';
import { t } from '../i18n';
import { changesFor, PRESETS, presetOf } from '../lib/notification-presets';
import { SettingsMatrix } from './settings-matrix';

interface Props {
  settings: NotificationSettings;
  change: (types: NonNullable<SettingsChange['types']>) => void;
}

/** One choice for all kinds of notifications; "more" shows each kind. */
export function NotificationPresets({ settings, change }: Props) {
  const now = presetOf(settings);
  return (
    <section class="setting" aria-labelledby="matrix-title">
      <h2 id="matrix-title">{t('notificationSettings.matrix')}</h2>
      <div class="presets" role="radiogroup" aria-labelledby="matrix-title">
        {PRESETS.map((preset) => (
          <label key={preset} class="preset">
            <input
              type="radio"
              name="preset"
              checked={now === preset}
              onChange={() => change(changesFor(preset, settings))}
            />
            <span>
              <b>{t(`notificationSettings.preset.${preset}`)}</b>
              <span class="muted">{t(`notificationSettings.presetHint.${preset}`)}</span>
            </span>
          </label>
        ))}
      </div>
      {now === null && <p class="muted">{t('notificationSettings.presetNone')}</p>}
      <details class="more-settings">
        <summary>{t('notificationSettings.more')}</summary>
        <p class="muted">{t('notificationSettings.matrixHint')}</p>
        <SettingsMatrix
          settings={settings}
          choose={(type, channel, audience) => change({ [type]: { [channel]: audience } })}
        />
      </details>
    </section>
  );
}
