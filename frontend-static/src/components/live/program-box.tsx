import { useEffect, useState } from 'preact/hooks';
import { liveApi } from '../../api/live';
import type { Live, LiveIngest } from '../../api/types';
import { t } from '../../i18n';
import { fullTime } from '../../lib/time';
import { copyAndSay, showError } from '../../state/toasts';
import { Spinner } from '../feedback';
import { Icon } from '../icon';

/** The URL and token for OBS and other programs. The token is a secret, so it is shown only on request. */
export function ProgramBox({ live, isOpen }: { live: Live; isOpen: boolean }) {
  const [ingest, setIngest] = useState<LiveIngest | null>(null);
  const ask = () => void liveApi.ingest(live.id, { program: true }).then(setIngest, showError);
  useEffect(() => {
    if (isOpen) ask();
  }, []);
  return (
    <section class="live-program" aria-labelledby="live-program-title">
      <h2 id="live-program-title">{t('liveProgram.title')}</h2>
      <p class="muted">{t('liveProgram.titleHint')}</p>
      {ingest && (
        <>
          <Value label={t('liveProgram.url')} copy={t('liveProgram.copyUrl')} value={ingest.url} />
          <Value label={t('liveProgram.token')} copy={t('liveProgram.copyToken')} value={ingest.token} isSecret />
          <p class="field-hint">{t('liveProgram.tokenHint', fullTime(ingest.expiresAt))}</p>
        </>
      )}
      <button type="button" class="button button-small" onClick={ask}>
        {ingest ? t('liveProgram.renew') : t('liveProgram.show')}
      </button>
      {ingest && live.state === 'waiting' && (
        <p class="live-program-waits" role="status">
          <Spinner label={t('liveProgram.waiting')} /> {t('liveProgram.waiting')}
        </p>
      )}
    </section>
  );
}

interface ValueProps {
  label: string;
  copy: string;
  value: string;
  isSecret?: boolean;
}

/** Selects its whole text on focus, so that it can be copied by keyboard too. */
function Value({ label, copy, value, isSecret = false }: ValueProps) {
  return (
    <div class="field">
      <label>
        {label}
        <span class="field-box">
          <input
            class="input"
            readOnly
            type={(isSecret ? 'password' : 'text') as 'text'}
            autoComplete="off"
            value={value}
            onFocus={(event) => event.currentTarget.select()}
          />
        </span>
      </label>
      <button
        type="button"
        class="icon-button is-outlined"
        aria-label={copy}
        title={copy}
        onClick={() => void copyAndSay(value, t('liveProgram.copied'))}>
        <Icon name="copy" size={19} />
      </button>
    </div>
  );
}
