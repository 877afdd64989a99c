import type { QuietHours } from '../api/types';
import { t } from '../i18n';

/** Every time zone that the browser knows; without that list, the person's own and UTC. */
function zones(mine: string): string[] {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known =
    (Intl as typeof Intl & { supportedValuesOf?(key: string): string[] }).supportedValuesOf?.('timeZone') ?? [];
  return [...new Set([mine, own, 'UTC', ...known])].filter(Boolean).sort();
}

export function QuietHoursSetting({ hours, change }: { hours: QuietHours; change: (hours: QuietHours) => void }) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
  /** When first enabled, quiet hours use the person's own time zone. */
  const toggle = (enabled: boolean) =>
    change({ ...hours, enabled, timeZone: enabled && hours.timeZone === 'UTC' ? own : hours.timeZone });
  return (
    <section class="setting" aria-labelledby="quiet-title">
      <h2 id="quiet-title">{t('notificationSettings.quiet')}</h2>
      <p class="muted">{t('notificationSettings.quietHint')}</p>
      <label class="check">
        <input type="checkbox" checked={hours.enabled} onChange={(event) => toggle(event.currentTarget.checked)} />{' '}
        {t('notificationSettings.quietOn')}
      </label>
      {hours.enabled && (
        <div class="quiet-hours">
          <label>
            {t('notificationSettings.from')}
            <input
              type="time"
              required
              value={hours.start}
              onChange={(event) => event.currentTarget.value && change({ ...hours, start: event.currentTarget.value })}
            />
          </label>
          <label>
            {t('notificationSettings.until')}
            <input
              type="time"
              required
              value={hours.end}
              onChange={(event) => event.currentTarget.value && change({ ...hours, end: event.currentTarget.value })}
            />
          </label>
          <label>
            {t('notificationSettings.zone')}
            <select
              value={hours.timeZone}
              onChange={(event) => change({ ...hours, timeZone: event.currentTarget.value })}>
              {zones(hours.timeZone).map((zone) => (
                <option key={zone} value={zone} selected={zone === hours.timeZone}>
                  {zone.replaceAll('_', ' ')}
                </option>
              ))}
            </select>
          </label>
        </div>
      )}
    </section>
  );
}
