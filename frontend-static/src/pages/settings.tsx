import { email, session, signOut } from '../auth/session';
import { AccountData } from '../components/account-data';
import { ChatSettings } from '../components/chat/chat-settings';
import { PageHead } from '../components/page-head';
import { PrivacySetting } from '../components/privacy-setting';
import { config } from '../config';
import { t } from '../i18n';
import type { CarrierName } from '../realtime/carrier';
import { navigate } from '../router';
import { canChooseCarrier, carrierInUse, chooseCarrier } from '../state/realtime';
import { carrierChoice, type Language, language, setLanguage, setTheme, type Theme, theme } from '../state/settings';
import { showToast } from '../state/toasts';

export function SettingsPage() {
  return (
    <>
      <PageHead title={t('settings.title')} />
      <div class="settings">
        <Choice<Language>
          legend={t('settings.language')}
          name="language"
          value={language.value}
          options={[
            ['ja', '日本語'],
            ['en', 'English'],
          ]}
          onChange={setLanguage}
        />
        <Choice<Theme>
          legend={t('settings.theme')}
          name="theme"
          value={theme.value}
          onChange={setTheme}
          options={[
            ['system', t('settings.theme.system')],
            ['light', t('settings.theme.light')],
            ['dark', t('settings.theme.dark')],
          ]}
        />
        {session.value === 'in' && <ChatSettings />}
        {session.value === 'in' && <NotificationsLink />}
        {session.value === 'in' && canChooseCarrier() && <CarrierSetting />}
        {session.value === 'in' && <PrivacySetting />}
        {session.value === 'in' && <Account />}
        {session.value === 'in' && <AccountData />}
        <section class="setting" aria-labelledby="about-title">
          <h2 id="about-title">{t('settings.about')}</h2>
          <p class="muted">{t('settings.target', config().target)}</p>
          <p>
            <a href="/architecture">{t('nav.architecture')}</a>
            {config().links.console && (
              <>
                {' '}
                · <a href={config().links.console}>{t('ops.console')}</a>
              </>
            )}
          </p>
        </section>
      </div>
    </>
  );
}

interface ChoiceProps<T extends string> {
  legend: string;
  name: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
}

function Choice<T extends string>({ legend, name, value, options, onChange }: ChoiceProps<T>) {
  return (
    <fieldset class="setting">
      <legend>{legend}</legend>
      <div class="segmented">
        {options.map(([option, label]) => (
          <label key={option}>
            <input type="radio" name={name} checked={value === option} onChange={() => onChange(option)} />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function CarrierSetting() {
  const inUse = carrierInUse.value;
  return (
    <>
      <Choice<CarrierName>
        legend={t('settings.carrier')}
        name="carrier"
        value={carrierChoice.value}
        onChange={chooseCarrier}
        options={[
          ['websocket', 'WebSocket'],
          ['webtransport', 'WebTransport'],
        ]}
      />
      <p class="muted setting-note" role="status" data-carrier={inUse ?? 'none'}>
        {inUse
          ? t('settings.carrierInUse', inUse === 'webtransport' ? 'WebTransport' : 'WebSocket')
          : t('settings.carrierNone')}
      </p>
    </>
  );
}

function NotificationsLink() {
  return (
    <section class="setting" aria-labelledby="notifications-title">
      <h2 id="notifications-title">{t('notificationSettings.title')}</h2>
      <p class="muted">{t('notificationSettings.titleHint')}</p>
      <a class="button" href="/settings/notifications">
        {t('notificationSettings.title')}
      </a>
    </section>
  );
}

function Account() {
  const leave = async (everywhere: boolean) => {
    await signOut(everywhere);
    navigate('/', { replace: true });
    showToast(t('auth.signedOut'));
  };
  return (
    <section class="setting" aria-labelledby="account-title">
      <h2 id="account-title">{t('settings.account')}</h2>
      <p class="muted">{email.value}</p>
      <div class="button-row">
        <button type="button" class="button" onClick={() => void leave(false)}>
          {t('settings.signOut')}
        </button>
        <button type="button" class="button" onClick={() => void leave(true)}>
          {t('settings.signOutAll')}
        </button>
      </div>
    </section>
  );
}
