import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Live } from '../api/types';
import { subject } from '../auth/session';
import { Confirm } from '../components/confirm';
import { Empty, Failure, Spinner } from '../components/feedback';
import { Elapsed, LiveBadge, ViewerCount } from '../components/live/live-badge';
import { LiveChat } from '../components/live/live-chat';
import { LiveStage } from '../components/live/live-stage';
import { DeviceProblems, OwnStage } from '../components/live/own-stage';
import { ProgramBox } from '../components/live/program-box';
import { PageHead } from '../components/page-head';
import { PersonMenu } from '../components/person-menu';
import { PersonRow } from '../components/person-row';
import { t } from '../i18n';
import { duration } from '../lib/time';
import { route } from '../router';
import { type Broadcast, broadcast, resumeBroadcast } from '../state/broadcast';
import { broadcastMedia, hasBroadcastMedia, openBroadcastMedia } from '../state/broadcast-media';
import { endLive, lives, loadLive } from '../state/lives';

/** A live stream: video and chat for viewers; for the host also the controls to send and end it. */
export function LivePage({ id }: { id: string }) {
  const [error, setError] = useState<unknown>(null);
  const load = () => {
    setError(null);
    loadLive(id).catch(setError);
  };
  useEffect(load, [id]);
  const live = lives.value[id];
  return (
    <>
      <PageHead title={live?.title ?? t('live.badge')} isolated parent="/">
        {live && live.host.id === subject.value && live.state !== 'ended' && <EndButton live={live} />}
      </PageHead>
      <LiveNews live={live} />
      {live ? <Shown live={live} /> : <Absent isMissing={live === null} error={error} retry={load} />}
    </>
  );
}

function Absent({ isMissing, error, retry }: { isMissing: boolean; error: unknown; retry: () => void }) {
  if (isMissing) return <Empty icon="live" title={t('live.notFound')} hint={t('live.notFoundHint')} />;
  if (error) return <Failure error={error} retry={retry} />;
  return (
    <div class="splash">
      <Spinner />
    </div>
  );
}

/** Announces the start and the end to screen readers; always rendered, because live regions announce only changes. */
function LiveNews({ live }: { live: Live | null | undefined }) {
  const isOwn = live?.host.id === subject.value;
  return (
    <p class="visually-hidden" role="status" data-live-news>
      {live?.state === 'ended' && t(isOwn ? 'live.endedOwn' : 'live.ended')}
      {live?.state === 'live' && (isOwn ? t('live.onAir') : t('live.badgeOf', live.host.displayName))}
    </p>
  );
}

function Shown({ live }: { live: Live }) {
  const isOwn = live.host.id === subject.value;
  const main = useFocusAtEnd(live);
  return (
    <div class={`live ${live.state === 'ended' ? 'is-over' : ''}`} data-state={live.state}>
      <div ref={main} class="live-main" tabIndex={-1}>
        {live.state === 'ended' ? (
          <Ended live={live} isOwn={isOwn} />
        ) : isOwn ? (
          <Hosting live={live} />
        ) : (
          <LiveStage live={live} isOwn={false} />
        )}
        <Facts live={live} isOwn={isOwn} />
      </div>
      <LiveChat live={live} />
    </div>
  );
}

/** The focused element, such as the field of the chat, may disappear with the stream: its summary takes the focus. */
function useFocusAtEnd({ state }: Live) {
  const main = useRef<HTMLDivElement>(null);
  const before = useRef(state);
  useLayoutEffect(() => {
    const hasEnded = state === 'ended' && before.current !== 'ended';
    before.current = state;
    if (hasEnded && document.activeElement === document.body) main.current!.focus({ preventScroll: true });
  }, [state]);
  return main;
}

function Facts({ live, isOwn }: { live: Live; isOwn: boolean }) {
  return (
    <div class="live-facts">
      {/* The heading above has room for a short title only, and screen readers read it there. */}
      <p class="live-title" aria-hidden="true">
        <bdi>{live.title}</bdi>
      </p>
      <PersonRow person={live.host} compact>
        {isOwn ? null : <PersonMenu person={live.host} live={live} className="icon-button" />}
      </PersonRow>
      {live.state === 'live' && (
        <p class="live-figures">
          <LiveBadge />
          <ViewerCount live={live} />
          {live.startedAt && <Elapsed since={live.startedAt} />}
        </p>
      )}
    </div>
  );
}

function Hosting({ live }: { live: Live }) {
  const mine = broadcast.value?.liveId === live.id ? broadcast.value : null;
  if (mine) return <OwnStage label={t('live.own')} note={sendingNote(live, mine)} />;
  const sendHere = async () => {
    await openBroadcastMedia();
    if (hasBroadcastMedia(broadcastMedia.peek())) resumeBroadcast(live.id);
  };
  return (
    <>
      {live.state === 'live' && !live.interrupted && <LiveStage live={live} isOwn />}
      <div class="live-ways">
        <div>
          <h2>{t(hostingTitle(live))}</h2>
          {live.state === 'waiting' && <p class="muted">{t('live.waitingHint')}</p>}
          {live.interrupted && <p class="muted">{t('live.stoppedHint')}</p>}
        </div>
        <button type="button" class="button button-primary" onClick={() => void sendHere()}>
          {t('live.sendHere')}
        </button>
        <DeviceProblems />
        <ProgramBox live={live} isOpen={route.value.query.get('with') === 'program'} />
      </div>
    </>
  );
}

function hostingTitle({ state, interrupted }: Live) {
  if (interrupted) return 'live.stopped';
  return state === 'live' ? 'live.elsewhere' : 'live.waiting';
}

function sendingNote(live: Live, { state }: Broadcast): string | null {
  if (state === 'reconnecting') return t('live.sendingLost');
  return state === 'connecting' || live.state === 'waiting' ? t('live.starting') : null;
}

function EndButton({ live }: { live: Live }) {
  const [asks, setAsks] = useState(false);
  return (
    <>
      <button type="button" class="button button-danger button-small" onClick={() => setAsks(true)}>
        {t('live.end')}
      </button>
      {asks && (
        <Confirm
          title={t('live.endConfirm')}
          hint={t('live.endConfirmHint')}
          action={t('live.end')}
          onClose={() => setAsks(false)}
          onConfirm={() => endLive(live.id)}
        />
      )}
    </>
  );
}

function Ended({ live, isOwn }: { live: Live; isOwn: boolean }) {
  const { startedAt, endedAt } = live;
  return (
    <div class="live-over">
      <Empty icon="live" title={isOwn ? t('live.endedOwn') : t('live.ended')}>
        {startedAt && endedAt && (
          <p>
            {t('live.endedDuration', duration(Date.parse(endedAt) - Date.parse(startedAt)))}
            {' · '}
            {t('live.mostViewerCount', live.mostViewers)}
          </p>
        )}
        <a class="button" href={`/@${live.host.handle}`}>
          {t('live.toProfile')}
        </a>
      </Empty>
    </div>
  );
}
