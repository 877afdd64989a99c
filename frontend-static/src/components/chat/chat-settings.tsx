import { useEffect, useState } from 'preact/hooks';
import { api } from '../../api';
import type { ChatSettings as Settings } from '../../api/types';
import { t } from '../../i18n';
import { showError } from '../../state/toasts';

const WHO: readonly Settings['whoMayWrite'][] = ['everyone', 'following', 'nobody'];

const DEFAULTS: Settings = { whoMayWrite: 'everyone', receipts: true, presence: true };

/** Who may start a conversation, and what others can see. */
export function ChatSettings() {
  const [settings, setSettings] = useState<Settings | null>(null);
  useEffect(() => {
    api.chatSettings().then(setSettings, () => undefined);
  }, []);
  // The defaults are shown until the server answers, so that the layout does not shift.
  const shown = settings ?? DEFAULTS;
  const isLoading = settings === null;
  const save = (part: Partial<Settings>) => {
    const next = { ...shown, ...part };
    setSettings(next);
    api.saveChatSettings(next).catch((error: unknown) => {
      setSettings(settings);
      showError(error);
    });
  };
  return (
    <fieldset class="setting" disabled={isLoading} aria-busy={isLoading}>
      <legend>{t('chatSettings.title')}</legend>
      <label class="info-row">
        <span class="spacer">{t('chatSettings.write')}</span>
        <select
          class="select-quiet"
          value={shown.whoMayWrite}
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
          checked={shown.receipts}
          onChange={(event) => save({ receipts: event.currentTarget.checked })}
        />
      </label>
      <label class="info-row">
        <span class="spacer">{t('chatSettings.presence')}</span>
        <input
          type="checkbox"
          checked={shown.presence}
          onChange={(event) => save({ presence: event.currentTarget.checked })}
        />
      </label>
      <p class="muted">{t('chatSettings.presenceHint')}</p>
    </fieldset>
  );
}
