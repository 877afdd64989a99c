import { useState } from 'preact/hooks';
import { api } from '../api';
import { me, profile, setMe } from '../auth/session';
import { t } from '../i18n';
import { showError } from '../state/toasts';
import { Icon, type IconName } from './icon';

/** Whether your account is locked, and links to requests, blocks and mutes. */
export function PrivacySetting() {
  const [busy, setBusy] = useState(false);
  const self = profile.value;
  if (me.value === 'missing') return null;
  const lock = async (locked: boolean) => {
    if (!self) return;
    setBusy(true);
    try {
      setMe(await api.putMe({ handle: self.handle, displayName: self.displayName, locked }));
    } catch (error) {
      showError(error);
    } finally {
      setBusy(false);
    }
  };
  const links: [string, IconName, string][] = [
    ['/follow-requests', 'users', t('followRequest.title')],
    ['/settings/blocked', 'ban', t('block.title')],
    ['/settings/muted', 'bellOff', t('mute.title')],
    ['/lists', 'list', t('lists.title')],
  ];
  return (
    <section class="setting" aria-labelledby="privacy-title">
      <h2 id="privacy-title">{t('privacy.title')}</h2>
      <label class="switch">
        <input
          type="checkbox"
          // biome-ignore lint/a11y/useAriaPropsForRole: a checkbox has `checked` for `aria-checked`
          role="switch"
          checked={Boolean(self?.locked)}
          // The switch is rendered before the profile has loaded, so that the layout does not shift.
          disabled={busy || !self}
          onChange={(event) => void lock(event.currentTarget.checked)}
          aria-describedby="locked-hint"
        />
        <span>{t('privacy.locked')}</span>
      </label>
      <p class="muted" id="locked-hint">
        {t('privacy.lockedHint')}
      </p>
      <ul class="link-list">
        {links.map(([href, icon, label]) => (
          <li key={href}>
            <a href={href}>
              <Icon name={icon} size={20} />
              <span>{label}</span>
              <Icon name="next" size={18} />
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
