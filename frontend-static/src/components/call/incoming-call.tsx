import { useEffect, useRef } from 'preact/hooks';
import { deviceAdvice } from '../../calls/devices';
import { t } from '../../i18n';
import type { ActiveCall } from '../../state/active-call';
import { acceptCall, declineCall } from '../../state/calls';
import { Avatar } from '../avatar';
import { Icon } from '../icon';

/**
 * An incoming call: a panel over the page, which stays usable. It takes the focus unless the person is typing, and
 * never focuses a button: a key meant for something else must not answer.
 */
export function IncomingCall({ current }: { current: ActiveCall }) {
  const { call, other, problem } = current;
  const label = t(`call.incoming.${call.media}`);
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!document.activeElement?.matches('input, textarea, select, [contenteditable]')) ref.current!.focus();
  }, []);
  return (
    <div ref={ref} class="incoming" tabIndex={-1} role="alertdialog" aria-label={`${label}: ${other.displayName}`}>
      <span class="ringing">
        <Avatar of={other} size={56} />
      </span>
      <div class="incoming-words">
        <b>
          <bdi>{other.displayName}</bdi>
        </b>
        <span class="muted">{label}</span>
      </div>
      <IncomingButtons />
      {problem && (
        <div class="incoming-problem" role="alert">
          <p>
            {deviceAdvice(problem, 'microphone')} {t('call.ringsOn')}
          </p>
          <button type="button" class="button button-small" onClick={() => void acceptCall(true)}>
            {t('call.acceptListening')}
          </button>
        </div>
      )}
    </div>
  );
}

export function IncomingButtons() {
  return (
    <>
      <button
        type="button"
        class="call-button is-hangup"
        aria-label={t('call.decline')}
        onClick={() => void declineCall()}>
        <Icon name="hangup" />
      </button>
      <button
        type="button"
        class="call-button is-accept"
        aria-label={t('call.accept')}
        onClick={() => void acceptCall()}>
        <Icon name="phone" />
      </button>
    </>
  );
}
