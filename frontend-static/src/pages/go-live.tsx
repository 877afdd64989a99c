import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { LiveAudience } from '../api/types';
import { type ChoosableDevice, DeviceFields } from '../components/call/device-fields';
import { Choice } from '../components/choice';
import { Empty } from '../components/feedback';
import { Field } from '../components/fields';
import { OwnStage } from '../components/live/own-stage';
import { PageHead } from '../components/page-head';
import { t } from '../i18n';
import { errorMessage } from '../i18n/errors';
import { isBlank } from '../lib/blank';
import { useForm } from '../lib/use-form';
import { navigate } from '../router';
import { broadcast, createLive, startBroadcast } from '../state/broadcast';
import {
  broadcastMedia,
  closeBroadcastMedia,
  hasBroadcastMedia,
  openBroadcastDevice,
  openBroadcastMedia,
} from '../state/broadcast-media';
import { loadRunningLives, ownLive } from '../state/lives';

type Source = 'browser' | 'program';

const MAX_TITLE = 100;

/** The form for a new live stream: title, audience, and the source of the media. */
export function GoLivePage() {
  // No device is opened before it is needed.
  const isKnown = useSignal(false);
  useEffect(() => {
    void loadRunningLives()
      .catch(() => undefined)
      .finally(() => (isKnown.value = true));
  }, []);
  return (
    <>
      <PageHead title={t('live.startTitle')} parent="/" />
      {ownLive.value ? (
        <Empty icon="live" title={t('live.already')} hint={t('live.alreadyHint')}>
          <a class="button button-primary" href={`/live/${ownLive.value.id}`}>
            {t('live.return')}
          </a>
        </Empty>
      ) : (
        isKnown.value && <Setup />
      )}
    </>
  );
}

function Setup() {
  const title = useSignal('');
  const audience = useSignal<LiveAudience>('public');
  const source = useSignal<Source>('browser');
  const isHere = source.value === 'browser';
  useDevices(isHere);
  const sendsNothing = isHere && !hasBroadcastMedia(broadcastMedia.value);
  const form = useForm(async () => {
    const { ingest, id } = await createLive(title.value.trim(), audience.value);
    // Without `ingest`, the stream was started earlier under another title: its page shows the possible actions.
    if (isHere && ingest) await startBroadcast(id, ingest);
    navigate(isHere ? `/live/${id}` : `/live/${id}?with=program`, { replace: true });
  }, errorMessage);
  return (
    <form class="live-setup" onSubmit={form.submit}>
      {isHere && <OwnStage label={t('live.preview')} />}
      <Field
        label={t('live.title')}
        hint={t('live.titleHint')}
        name="title"
        required
        maxLength={MAX_TITLE}
        value={title.value}
        onValue={(value) => (title.value = value)}
      />
      <Choice<LiveAudience>
        legend={t('live.audience')}
        name="audience"
        value={audience.value}
        onChange={(value) => (audience.value = value)}
        options={[
          ['public', t('live.audience.public')],
          ['followers', t('live.audience.followers')],
        ]}
      />
      <Choice<Source>
        legend={t('live.source')}
        name="source"
        value={source.value}
        onChange={(value) => (source.value = value)}
        options={[
          ['browser', t('live.source.browser')],
          ['program', t('live.source.program')],
        ]}
      />
      {isHere ? <Devices /> : <p class="muted">{t('live.sourceHint')}</p>}
      {form.error && (
        <p class="form-error" role="alert">
          {form.error}
        </p>
      )}
      {sendsNothing && <p class="muted">{t('live.nothing')}</p>}
      <button
        type="submit"
        class="button button-primary button-large"
        disabled={form.busy || sendsNothing || isBlank(title.value)}>
        {form.busy ? t('live.starting') : isHere ? t('live.start') : t('live.create')}
      </button>
      <p class="muted">{t('live.startHint')}</p>
    </form>
  );
}

function Devices() {
  const follow = (device: ChoosableDevice) => {
    if (device !== 'speaker') void openBroadcastDevice(device);
  };
  return (
    <details class="live-devices">
      <summary>{t('live.devices')}</summary>
      <DeviceFields onChange={follow} />
    </details>
  );
}

/** The devices are open while this page previews them, or while they are sent. */
function useDevices(isHere: boolean): void {
  useEffect(() => {
    if (!isHere) return undefined;
    void openBroadcastMedia();
    return () => {
      if (!broadcast.peek()) closeBroadcastMedia();
    };
  }, [isHere]);
}
