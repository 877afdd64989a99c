import { useEffect, useState } from 'preact/hooks';
import { t } from '../../i18n';
import { duration } from '../../lib/time';
import type { ActiveCall } from '../../state/active-call';
import { otherMedia, ownMedia } from '../../state/call-media';
import { isOtherAway, ownNotices, phaseText } from '../../state/call-news';
import { callQuality } from '../../state/call-quality';
import { CallNotices } from './call-notices';

/** The other person, the duration, and any problem. */
export function CallStatus({ current }: { current: ActiveCall }) {
  return (
    <div class="call-head">
      <h2>
        <bdi>{current.other.displayName}</bdi>
      </h2>
      <CallPhase current={current} />
      <Notices current={current} />
    </div>
  );
}

/** The state of the call in words, then its duration. */
export function CallPhase({ current }: { current: ActiveCall }) {
  return (
    <p class="call-phase">
      {current.phase === 'connected' ? <Timer since={current.connectedAt ?? Date.now()} /> : phaseText(current)}
      {current.phase === 'connected' && <QualityBars />}
    </p>
  );
}

const BARS = { good: 3, fair: 2, poor: 1 } as const;

function QualityBars() {
  const quality = callQuality.value;
  if (!quality) return null;
  const words = t(`call.quality.${quality}`);
  return (
    <span class="call-quality" role="img" aria-label={words} title={words}>
      {[1, 2, 3].map((bar) => (
        <i key={bar} class={bar <= BARS[quality] ? 'is-on' : ''} />
      ))}
    </span>
  );
}

function Notices({ current }: { current: ActiveCall }) {
  const isConnected = current.phase === 'connected';
  const words = [
    isConnected && isOtherAway(current) && t('call.otherAway', current.other.displayName),
    ...ownNotices(ownMedia.value),
    isConnected && !otherMedia.value.microphone && t('call.otherSilent', current.other.displayName),
  ].filter((one) => typeof one === 'string');
  return <CallNotices words={words} />;
}

function Timer({ since }: { since: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return <time>{duration(Math.max(0, now - since))}</time>;
}
