import { useEffect } from 'preact/hooks';
import { t } from '../i18n';
import { installApp, installState } from '../state/install';
import { disablePush, enablePush, loadPushState, pushState } from '../state/push';

/** Pushes to this browser: on, off, or the reason why not. `changed` is called after each change. */
export function PushSetting({ changed }: { changed?: () => void }) {
  useEffect(() => {
    void loadPushState();
  }, []);
  const state = pushState.value;
  const act = (action: () => Promise<void>) => () => void action().then(() => changed?.());
  return (
    <section class="setting" aria-labelledby="push-title">
      <h2 id="push-title">{t('settings.notifications')}</h2>
      <p class="muted">
        {state === 'on'
          ? t('settings.enabled')
          : state === 'denied'
            ? t('settings.denied')
            : state === 'unsupported'
              ? t('settings.unsupported')
              : t('settings.notificationsHint')}
      </p>
      {state === 'off' && (
        <button type="button" class="button" onClick={act(enablePush)}>
          {t('settings.enable')}
        </button>
      )}
      {state === 'on' && (
        <button type="button" class="button" onClick={act(disablePush)}>
          {t('settings.disable')}
        </button>
      )}
    </section>
  );
}

export function InstallSetting() {
  const state = installState.value;
  return (
    <section class="setting" aria-labelledby="install-title">
      <h2 id="install-title">{t('install.title')}</h2>
      <p class="muted">{state === 'installed' ? t('install.done') : t('install.titleHint')}</p>
      {state === 'ready' && (
        <button type="button" class="button" onClick={() => void installApp()}>
          {t('install.button')}
        </button>
      )}
      {state === 'ios' && <p class="muted">{t('install.ios')}</p>}
      {state === 'other' && <p class="muted">{t('install.other')}</p>}
    </section>
  );
}
