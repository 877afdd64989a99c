/** A notice that the content may be outdated: no network, or no live connection for a while. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import { online } from '../state/online';
import { connectionState } from '../state/realtime';

/** A planned or quick reconnect shows no notice. */
const PATIENCE_MS = 2_000;
/** The first connection of a page may take longer: until then, no content could be outdated. */
const FIRST_PATIENCE_MS = 12_000;

export function Connectivity() {
  const words = useConnectionNotice();
  return words ? (
    <p class="offline" role="status">
      {words}
    </p>
  ) : null;
}

export function useConnectionNotice(): string | null {
  const isLost = connectionState.value === 'waiting' || connectionState.value === 'connecting';
  const [isLate, setLate] = useState(false);
  const wasOpen = useRef(false);
  useEffect(() => {
    if (connectionState.value === 'open') wasOpen.current = true;
    if (!isLost) return;
    const timer = setTimeout(() => setLate(true), wasOpen.current ? PATIENCE_MS : FIRST_PATIENCE_MS);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [isLost]);
  if (!online.value) return t('app.offline');
  return isLost && isLate ? t('app.reconnecting') : null;
}
