import { useEffect, useState } from 'preact/hooks';
import { api } from '../../api';
import type { ChatSettings as Settings } from '../../api/types';
import { t } from '../../i18n';
import { showError } from '../../state/toasts';

const WHO: readonly Settings['whoMayWrite'][] = ['everyone', 'following', 'nobody'];

/** Who may begin to write, and what one shows to others. */
export function ChatSettings() {
  const [settings, setSettings] = useState<Settings | null>(null);
  useEffect(() => {
    api.chatSettings().then(setSettings, () => undefined);
  }, []);
  if (!settings) return null;
  const save = (part: Partial<Settings>) => {
    const next = { ...settings, ...part };
    setSettings(next);
    api.saveChatSettings(next).catch((error: unknown) => {
      setSettings(settings);
      showError(error);
    });
  };
  return (
    <fieldset class="setting">
      <legend>{t('chatSettings.title')}</legend>
      <label class="info-row">
        <span class="spacer">{t('chatSettings.write')}</span>
        <select
          class="select-quiet"
          value={settings.whoMayWrite}
          onChange={(event) => save({ whoMayWrite: event.currentTarget.value as Settings['whoMayWrite'] })}>
          {WHO.map((who) => (
            <option key={who} value={who}>
              {t(`chatSettings.write.${who}`)}
            </option>
          ))}
        </select>
      </label>
      <label class="info-row">
        <span class="spacer">{t('chatSettings.receipts')}</span>
        <input
          type="checkbox"
          checked={settings.receipts}
          onChange={(event) => save({ receipts: event.currentTarget.checked })}
        />
      </label>
      <label class="info-row">
        <span class="spacer">{t('chatSettings.presence')}</span>
        <input
          type="checkbox"
          checked={settings.presence}
          onChange={(event) => save({ presence: event.currentTarget.checked })}
        />
      </label>
      <p class="muted">{t('chatSettings.presenceHint')}</p>
    </fieldset>
  );
}
