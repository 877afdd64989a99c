import { subject } from '../../auth/session';
import { deviceAdvice } from '../../calls/devices';
import { t } from '../../i18n';
import { isAway } from '../../state/active-call';
import { endResumable, type ResumableCall, resumeCall } from '../../state/calls';
import { showError } from '../../state/toasts';
import { Avatar } from '../avatar';

/** A call that this page could join: after a reload, or a call on another device. It does not block the page. */
export function ResumableCallBar({ resumable }: { resumable: ResumableCall }) {
  const { call, other, problem } = resumable;
  const away = isAway(call, subject.value ?? '');
  const words = t(away ? 'call.resume.away' : 'call.resume.elsewhere', other.displayName);
  return (
    <section class="incoming resumable" aria-label={words}>
      <Avatar of={other} size={40} />
      <p class="incoming-words" role="status">
        {words}
      </p>
      <button type="button" class="button button-small button-quiet" onClick={() => act(endResumable())}>
        {t('call.hangup')}
      </button>
      <button type="button" class="button button-small button-primary" onClick={() => act(resumeCall())}>
        {away ? t('call.resume') : t('call.resumeHere')}
      </button>
      {problem && (
        <div class="incoming-problem" role="alert">
          <p>{deviceAdvice(problem, 'microphone')}</p>
          <button type="button" class="button button-small" onClick={() => act(resumeCall(true))}>
            {t('call.acceptListening')}
          </button>
        </div>
      )}
    </section>
  );
}

function act(done: Promise<void>): void {
  done.catch(showError);
}
