import { useEffect, useRef, useState } from 'preact/hooks';
import { type DeviceProblem, deviceAdvice, openCamera, openMicrophone } from '../../calls/devices';
import { measure } from '../../calls/level';
import { play } from '../../calls/tones';
import { t } from '../../i18n';
import { deviceChoice, readDevices } from '../../state/call-devices';
import { type ChoosableDevice, DeviceFields } from './device-fields';
import { Picture } from './streams';

/** Selection and test of call devices before a call: no device opens until the person asks for it. */
export function DeviceCheck() {
  const [isOpen, setOpen] = useState(false);
  return (
    <section class="setting" aria-labelledby="call-devices-title">
      <h2 id="call-devices-title">{t('call.check.title')}</h2>
      <p class="muted">{t('call.check.hint')}</p>
      <button type="button" class="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {t(isOpen ? 'call.check.stop' : 'call.check.start')}
      </button>
      {isOpen && <Trial />}
    </section>
  );
}

/** Each choice opens the device again; leaving the page closes it. */
function Trial() {
  const { microphone, noiseSuppression, echoCancellation, autoGainControl, camera } = deviceChoice.value;
  const filters = [noiseSuppression, echoCancellation, autoGainControl].join();
  const sound = useTrack(() => openMicrophone(deviceChoice.peek()), `${microphone} ${filters}`);
  const picture = useTrack(() => openCamera(deviceChoice.peek()), camera);
  return (
    <div class="device-check">
      <div>
        {sound.track && <Level track={sound.track} />}
        {sound.problem && <p role="alert">{deviceAdvice(sound.problem, 'microphone')}</p>}
        {picture.track && <Picture track={picture.track} className="device-picture" label={t('call.check.picture')} />}
        {picture.problem && <p role="alert">{deviceAdvice(picture.problem, 'camera')}</p>}
      </div>
      <DeviceFields onChange={followSpeaker} />
      <button type="button" class="button button-small" onClick={playSound}>
        {t('call.check.sound')}
      </button>
    </div>
  );
}

/** The other devices apply their choice themselves. */
function followSpeaker(device: ChoosableDevice): void {
  if (device === 'speaker') playSound();
}

function playSound(): void {
  play('connected', deviceChoice.peek().speaker);
}

interface Tried {
  track: MediaStreamTrack | null;
  problem: DeviceProblem | null;
}

const NOTHING: Tried = { track: null, problem: null };

function useTrack(open: () => Promise<MediaStreamTrack | DeviceProblem>, choice: string): Tried {
  const [tried, setTried] = useState<Tried>(NOTHING);
  useEffect(() => {
    let isGone = false;
    let track: MediaStreamTrack | null = null;
    void open().then((found) => {
      if (typeof found !== 'string') track = found;
      if (isGone) track?.stop();
      else setTried({ track, problem: typeof found === 'string' ? found : null });
      void readDevices();
    });
    return () => {
      isGone = true;
      track?.stop();
      setTried(NOTHING);
    };
  }, [choice]);
  return tried;
}

function Level({ track }: { track: MediaStreamTrack }) {
  const bar = useRef<HTMLMeterElement>(null);
  useEffect(() => {
    const meter = measure(track);
    let frame = requestAnimationFrame(function show() {
      if (bar.current) bar.current.value = meter.read();
      frame = requestAnimationFrame(show);
    });
    return () => {
      cancelAnimationFrame(frame);
      meter.close();
    };
  }, [track]);
  return (
    <label class="device-level">
      <span>{t('call.check.level')}</span>
      <meter ref={bar} min={0} max={1} low={0.15} />
    </label>
  );
}
