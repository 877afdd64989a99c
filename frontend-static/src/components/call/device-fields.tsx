import { useEffect, useId } from 'preact/hooks';
import { t } from '../../i18n';
import { canChooseSpeaker, deviceChoice, devicesOf, keepChoice, readDevices } from '../../state/call-devices';

export type ChoosableDevice = 'microphone' | 'camera' | 'speaker';

const KINDS: Record<ChoosableDevice, MediaDeviceKind> = {
  microphone: 'audioinput',
  camera: 'videoinput',
  speaker: 'audiooutput',
};
const FILTERS = ['noiseSuppression', 'echoCancellation', 'autoGainControl'] as const;

/** The microphone, camera and speaker for calls, and the microphone's audio processing. */
export function DeviceFields({ onChange }: { onChange: (device: ChoosableDevice) => void }) {
  useEffect(() => {
    const read = () => void readDevices();
    read();
    navigator.mediaDevices?.addEventListener?.('devicechange', read);
    return () => navigator.mediaDevices?.removeEventListener?.('devicechange', read);
  }, []);
  return (
    <div class="device-fields">
      <DeviceField device="microphone" onChange={onChange} />
      <DeviceField device="camera" onChange={onChange} />
      {canChooseSpeaker() && <DeviceField device="speaker" onChange={onChange} />}
      {FILTERS.map((name) => (
        <label class="switch" key={name}>
          <input
            type="checkbox"
            checked={deviceChoice.value[name]}
            onChange={(event) => {
              keepChoice({ [name]: event.currentTarget.checked });
              onChange('microphone');
            }}
          />
          <span>{t(`call.device.${name}`)}</span>
        </label>
      ))}
    </div>
  );
}

function DeviceField({ device, onChange }: { device: ChoosableDevice; onChange: (device: ChoosableDevice) => void }) {
  const id = useId();
  const found = devicesOf(KINDS[device]);
  const chosen = deviceChoice.value[device];
  return (
    <div class="field">
      <label for={id}>{t(`call.device.${device}`)}</label>
      <select
        id={id}
        class="input input-small"
        value={found.some((one) => one.deviceId === chosen) ? chosen : ''}
        onChange={(event) => {
          keepChoice({ [device]: event.currentTarget.value });
          onChange(device);
        }}>
        <option value="">{t('call.device.default')}</option>
        {found
          .filter((one) => one.deviceId !== 'default')
          .map((one, index) => (
            <option key={one.deviceId} value={one.deviceId}>
              {one.label || t('call.device.number', index + 1)}
            </option>
          ))}
      </select>
    </div>
  );
}
