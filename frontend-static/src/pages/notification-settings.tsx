import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { notificationsApi } from '../api/notifications';
import type { NotificationSettings, SettingsChange } from '../api/types';
import { Failure, Spinner } from '../components/feedback';
import { PageHead } from '../components/page-head';
import { PushDevices } from '../components/push-devices';
import { InstallSetting, PushSetting } from '../components/push-setting';
import { QuietHoursSetting } from '../components/quiet-hours';
import { SettingsMatrix } from '../components/settings-matrix';
import { t } from '../i18n';
import { showToast } from '../state/toasts';

/** Every change is stored at once, one after the other; what the server answers is what is shown. */
export function NotificationSettingsPage() {
  const settings = useSignal<NotificationSettings | null>(null);
  const failure = useSignal<unknown>(null);
  const devices = useSignal(0);
  const queue = useRef<Promise<void>>(Promise.resolve());
  const load = async () => {
    failure.value = null;
    try {
      settings.value = await notificationsApi.settings();
    } catch (error) {
      failure.value = error;
    }
  };
  useEffect(() => {
    void load();
  }, []);
  const change = (what: SettingsChange) => {
    queue.current = queue.current.then(async () => {
      try {
        settings.value = await notificationsApi.changeSettings(what);
        showToast(t('notificationSettings.saved'));
      } catch (error) {
        showToast(error instanceof Error ? error.message : String(error));
        await load();
      }
    });
  };
  return (
    <>
      <PageHead title={t('notificationSettings.title')} parent="/settings" />
      <div class="settings">
        <PushSetting changed={() => (devices.value += 1)} />
        <PushDevices version={devices.value} />
        {failure.value ? (
          <Failure error={failure.value} retry={() => void load()} />
        ) : !settings.value ? (
          <Spinner />
        ) : (
          <>
            <QuietHoursSetting hours={settings.value.quietHours} change={(quietHours) => change({ quietHours })} />
            <section class="setting" aria-labelledby="matrix-title">
              <h2 id="matrix-title">{t('notificationSettings.matrix')}</h2>
              <p class="muted">{t('notificationSettings.matrixHint')}</p>
              <SettingsMatrix
                settings={settings.value}
                choose={(type, channel, audience) => change({ types: { [type]: { [channel]: audience } } })}
              />
            </section>
          </>
        )}
        <InstallSetting />
      </div>
    </>
  );
}
