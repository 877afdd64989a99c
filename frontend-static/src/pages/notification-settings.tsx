import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { notificationsApi } from '../api/notifications';
import type { NotificationSettings, SettingsChange } from '../api/types';
import { Failure, Spinner } from '../components/feedback';
import { NotificationPresets } from '../components/notification-presets';
import { PageHead } from '../components/page-head';
import { PushDevices } from '../components/push-devices';
import { InstallSetting, PushSetting } from '../components/push-setting';
import { QuietHoursSetting } from '../components/quiet-hours';
import { t } from '../i18n';
import { showToast } from '../state/toasts';

/** Each change is saved at once, one after the other; the page shows the server's answer. */
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
        {failure.value ? (
          <Failure error={failure.value} retry={() => void load()} />
        ) : !settings.value ? (
          <Spinner />
        ) : (
          <>
            <NotificationPresets settings={settings.value} change={(types) => change({ types })} />
            <QuietHoursSetting hours={settings.value.quietHours} change={(quietHours) => change({ quietHours })} />
            <PushSetting changed={() => (devices.value += 1)} />
            <InstallSetting />
            <PushDevices version={devices.value} />
          </>
        )}
      </div>
    </>
  );
}
