import { session } from '../auth/session';
import { AccountAccess } from '../components/account-access';
import { AccountData } from '../components/account-data';
import { DeviceCheck } from '../components/call/device-check';
import { ChatSettings } from '../components/chat/chat-settings';
import { Choice } from '../components/choice';
import { PageHead } from '../components/page-head';
import { PrivacySetting } from '../components/privacy-setting';
import { config } from '../config';
import { t } from '../i18n';
import type { CarrierName } from '../realtime/carrier';
import { canChooseCarrier, carrierInUse, chooseCarrier } from '../state/realtime';
import { carrierChoice, type Language, language, setLanguage, setTheme, type Theme, theme } from '../state/settings';

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
        {session.value === 'in' && <DeviceCheck />}
        {session.value === 'in' && <NotificationsLink />}
        {session.value === 'in' && canChooseCarrier() && <CarrierSetting />}
        {session.value === 'in' && <PrivacySetting />}
        {session.value === 'in' && <AccountAccess />}
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
