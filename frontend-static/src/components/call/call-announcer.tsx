import { activeCall } from '../../state/active-call';
import { ownMedia } from '../../state/call-media';
import { callNews } from '../../state/call-news';

/** Announces changes of a call to screen readers; always rendered, because live regions announce only changes. */
export function CallAnnouncer() {
  return (
    <p class="visually-hidden" role="status" data-call-news>
      {callNews(activeCall.value, ownMedia.value)}
    </p>
  );
}
