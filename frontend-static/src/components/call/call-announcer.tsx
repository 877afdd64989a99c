import { activeCall } from '../../state/active-call';
import { ownMedia } from '../../state/call-media';
import { callNews } from '../../state/call-news';

/** Says to screen readers what becomes of a call; it is always there, because a region is heard only when it changes. */
export function CallAnnouncer() {
  return (
    <p class="visually-hidden" role="status" data-call-news>
      {callNews(activeCall.value, ownMedia.value)}
    </p>
  );
}
