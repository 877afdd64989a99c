/** The line that says that what is shown may be old: no network, or no live connection for a while. */
import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n';
import { connection } from '../state/live';
import { online } from '../state/online';

/** A planned or quick reconnect is nobody's concern. */
const PATIENCE_MS = 2_000;

export function Connectivity() {
  const isLost = connection.value === 'waiting' || connection.value === 'connecting';
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    if (!isLost) return;
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [isLost]);
  if (!online.value) return <p class="offline" role="status">{t('app.offline')}</p>;
  return isLost && isLate ? <p class="offline" role="status">{t('app.reconnecting')}</p> : null;
}
