import { Component, type ComponentChildren } from 'preact';
import { t } from '../../i18n';
import { activeCall, hangUp } from '../../state/active-call';
import { callConflict, callHindrance, endAndCallAgain, resumableCall } from '../../state/calls';
import { activeRoom, leaveRoom, ringingRoom } from '../../state/room';
import { resumableRoom } from '../../state/room-resume';
import { Confirm } from '../confirm';
import { ResumableRoomBar } from '../room/resumable-room';
import { RingingRoom } from '../room/ringing-room';
import { RoomPanel } from '../room/room-panel';
import { CallAnnouncer } from './call-announcer';
import { CallHindranceDialog } from './call-hindrance';
import { CallPanel } from './call-panel';
import { IncomingCall } from './incoming-call';
import { ResumableCallBar } from './resumable-call';

/** All call UI that lies over the current page. */
export function CallWindow() {
  return (
    <HangsUpWhenBroken>
      <Current />
      <CallAnnouncer />
      <OtherCall />
      {callHindrance.value && <CallHindranceDialog hindrance={callHindrance.value} />}
    </HangsUpWhenBroken>
  );
}

/** A window that fails to render has no button to hang up, so the call ends. */
class HangsUpWhenBroken extends Component<{ children: ComponentChildren }> {
  override componentDidCatch(error: unknown): void {
    console.error(error);
    leaveRoom();
    void hangUp();
  }

  override render() {
    return this.props.children;
  }
}

function OtherCall() {
  const held = callConflict.value;
  if (!held) return null;
  return (
    <Confirm
      title={t('call.otherCall')}
      hint={t('call.otherCallHint')}
      action={t('call.endAndCall')}
      onConfirm={() => endAndCallAgain(held)}
      onClose={() => (callConflict.value = null)}
    />
  );
}

/** A call that rings, connects or is connected. */
function Current() {
  const current = activeCall.value;
  if (activeRoom.value) return <RoomPanel current={activeRoom.value} />;
  if (!current && ringingRoom.value) return <RingingRoom room={ringingRoom.value} />;
  if (!current && resumableCall.value) return <ResumableCallBar resumable={resumableCall.value} />;
  if (!current) return resumableRoom.value && <ResumableRoomBar room={resumableRoom.value} />;
  return current.phase === 'incoming' ? <IncomingCall current={current} /> : <CallPanel current={current} />;
}
