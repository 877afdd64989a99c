import { t } from '../../i18n';
import { activeCall } from '../../state/active-call';
import { groupTitle } from '../../state/conversations';
import { activeRoom } from '../../state/room';
import { LeaveRoom } from '../room/room-panel';
import { CallAnnouncer } from './call-announcer';
import { HangUp, Microphone } from './call-controls';
import { CallPhase } from './call-status';
import { IncomingButtons } from './incoming-call';

/** The call inside a modal dialog, which makes everything else inert: answering and hanging up stay reachable. */
export function CallStrip() {
  const current = activeCall.value;
  if (activeRoom.value) return <RoomStrip conversationId={activeRoom.value.conversationId} />;
  if (!current) return null;
  const { call, other, phase } = current;
  const rings = phase === 'incoming';
  return (
    <div class="call-strip" role="group" aria-label={t('call.title', other.displayName)}>
      <span class="call-strip-words">
        <b>
          <bdi>{other.displayName}</bdi>
        </b>
        {rings ? <span>{t(`call.incoming.${call.media}`)}</span> : <CallPhase current={current} />}
      </span>
      <CallAnnouncer />
      {rings ? (
        <IncomingButtons />
      ) : (
        <>
          <Microphone />
          <HangUp />
        </>
      )}
    </div>
  );
}

function RoomStrip({ conversationId }: { conversationId: string }) {
  const title = t('room.title', groupTitle(conversationId));
  return (
    <div class="call-strip" role="group" aria-label={title}>
      <span class="call-strip-words">
        <b>{title}</b>
      </span>
      <Microphone />
      <LeaveRoom />
    </div>
  );
}
