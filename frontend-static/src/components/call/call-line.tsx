import { useEffect } from 'preact/hooks';
import type { Author, Call } from '../../api/types';
import { t } from '../../i18n';
import { clock } from '../../lib/time';
import { describeCall, getCallsBetween, isMissedCall, loadCallsSince } from '../../state/call-history';
import { placeCall } from '../../state/calls';
import { showError } from '../../state/toasts';
import { Icon } from '../icon';

interface Props {
  other: Author;
  /** Exclusive; empty at the start of the conversation. */
  from: string;
  /** Inclusive. */
  to: string;
}

/** The calls between two messages. */
export function CallLines({ other, from, to }: Props) {
  return (
    <>
      {getCallsBetween(other.id, from, to).map((call) => (
        <CallLine key={call.id} call={call} other={other} />
      ))}
    </>
  );
}

/** Loads the calls since the earliest displayed message. */
export function useCallsSince(at: string | undefined, isOn: boolean): void {
  useEffect(() => {
    if (isOn) void loadCallsSince(at ?? '');
  }, [at, isOn]);
}

function CallLine({ call, other }: { call: Call; other: Author }) {
  return (
    <p class={`chat-call ${isMissedCall(call) ? 'is-missed' : ''}`}>
      <Icon name={call.media === 'video' ? 'film' : 'phone'} size={17} />
      <span>{describeCall(call)}</span>
      <time class="muted" dateTime={call.createdAt}>
        {clock(call.createdAt)}
      </time>
      <button type="button" class="link-button" onClick={() => void placeCall(other, call.media).catch(showError)}>
        {t('calls.back')}
      </button>
    </p>
  );
}
