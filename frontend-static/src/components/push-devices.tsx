import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { notificationsApi } from '../api/notifications';
import type { PushDevice } from '../api/types';
import { t } from '../i18n';
import { shortTime } from '../lib/time';
import { disablePush, pushDeviceId } from '../state/push';
import { showToast } from '../state/toasts';
import { Failure, Spinner } from './feedback';
import { Icon } from './icon';

/** All devices that receive this person's pushes; a new `version` reloads the list. */
export function PushDevices({ version }: { version: number }) {
  const devices = useSignal<PushDevice[] | null>(null);
  const failure = useSignal<unknown>(null);
  const load = async () => {
    try {
      devices.value = (await notificationsApi.devices()).items;
      failure.value = null;
    } catch (error) {
      failure.value = error;
    }
  };
  useEffect(() => {
    void load();
  }, [version]);
  const remove = async (device: PushDevice) => {
    if (device.id === pushDeviceId.value) await disablePush();
    await notificationsApi.removeDevice(device.id);
    devices.value = devices.value?.filter(({ id }) => id !== device.id) ?? null;
    showToast(t('notificationSettings.removed'));
  };
  const test = async (device: PushDevice) => {
    await notificationsApi.testDevice(device.id);
    showToast(t('notificationSettings.testSent'));
  };
  const or = (error: unknown) => showToast(error instanceof Error ? error.message : String(error));
  return (
    <section class="setting" aria-labelledby="devices-title">
      <h2 id="devices-title">{t('notificationSettings.devices')}</h2>
      <p class="muted">{t('notificationSettings.devicesHint')}</p>
      {failure.value ? (
        <Failure error={failure.value} retry={() => void load()} />
      ) : !devices.value ? (
        <Spinner />
      ) : null}
      {devices.value?.length === 0 && <p class="muted">{t('notificationSettings.emptyDevices')}</p>}
      {devices.value && devices.value.length > 0 && (
        <ul class="devices">
          {devices.value.map((device) => (
            <li key={device.id} class="device">
              <Icon name={device.channel === 'mobile' ? 'phone' : 'globe'} />
              <div class="device-main">
                <b>
                  {device.name || t('notificationSettings.unnamed')}
                  {device.id === pushDeviceId.value && (
                    <span class="tag-pill">{t('notificationSettings.thisDevice')}</span>
                  )}
                </b>
                <span class="muted">
                  {device.service} ·{' '}
                  {device.lastUsedAt
                    ? t('notificationSettings.lastUsed', shortTime(device.lastUsedAt))
                    : t('notificationSettings.neverUsed')}
                </span>
                {device.failure && (
                  <span class="device-failure">
                    <Icon name="alert" size={16} /> {t('notificationSettings.failing', device.failure)}
                  </span>
                )}
              </div>
              <div class="button-row">
                <button
                  type="button"
                  class="button"
                  aria-label={`${t('notificationSettings.test')}: ${device.name}`}
                  onClick={() => void test(device).catch(or)}>
                  {t('notificationSettings.test')}
                </button>
                <button
                  type="button"
                  class="button"
                  aria-label={`${t('notificationSettings.remove')}: ${device.name}`}
                  onClick={() => void remove(device).catch(or)}>
                  {t('notificationSettings.remove')}
                </button>
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
