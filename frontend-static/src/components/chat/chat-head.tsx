import type { Conversation } from '../../api/types';
import { t } from '../../i18n';
import { shortTime } from '../../lib/time';
import { back } from '../../router';
import { placeCall } from '../../state/calls';
import { conversationTitle, otherMemberOf } from '../../state/conversations';
import { isOnline, presence } from '../../state/presence';
import { joinRoom } from '../../state/room';
import { showError } from '../../state/toasts';
import { Icon } from '../icon';
import { ChatAvatar } from './chat-avatar';

type Panel = 'info' | 'search' | null;

interface Props {
  conversation: Conversation;
  panel: Panel;
  setPanel: (panel: Panel) => void;
}

export function ChatHead({ conversation, panel, setPanel }: Props) {
  const direct = conversation.kind === 'direct';
  const other = direct ? otherMemberOf(conversation) : undefined;
  const canCall = other ?? (!direct && conversation.me.state === 'active');
  const call = (media: 'audio' | 'video') => {
    const begun = other ? placeCall(other, media) : joinRoom(conversation.id, media);
    begun.catch(showError);
  };
  const toggle = (which: Panel) => setPanel(panel === which ? null : which);
  const who = (
    <>
      <ChatAvatar conversation={conversation} size={38} />
      <span>
        <b>
          <bdi>{conversationTitle(conversation)}</bdi>
        </b>
        <span class="muted">{subtitle(conversation)}</span>
      </span>
    </>
  );
  return (
    <header class="page-head chat-head">
      <button
        type="button"
        class="icon-button only-narrow"
        aria-label={t('app.back')}
        onClick={() => back('/messages')}>
        <Icon name="back" />
      </button>
      {other ? (
        <a class="chat-who" href={`/@${other.handle}`}>
          {who}
        </a>
      ) : (
        <button type="button" class="chat-who" aria-expanded={panel === 'info'} onClick={() => toggle('info')}>
          {who}
        </button>
      )}
      <span class="spacer" />
      {canCall && (
        <button
          type="button"
          class="icon-button"
          aria-label={t(other ? 'profile.call' : 'room.call')}
          onClick={() => call('audio')}>
          <Icon name="phone" />
        </button>
      )}
      {canCall && (
        <button
          type="button"
          class="icon-button"
          aria-label={t(other ? 'profile.videoCall' : 'room.videoCall')}
          onClick={() => call('video')}>
          <Icon name="film" />
        </button>
      )}
      <button
        type="button"
        class="icon-button"
        aria-label={t('chat.search')}
        aria-expanded={panel === 'search'}
        onClick={() => toggle('search')}>
        <Icon name="search" />
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label={t('chat.info')}
        aria-expanded={panel === 'info'}
        onClick={() => toggle('info')}>
        <Icon name="more" />
      </button>
    </header>
  );
}

function subtitle(conversation: Conversation): string {
  if (conversation.kind === 'group') return t('chat.memberCount', conversation.memberCount);
  const other = otherMemberOf(conversation);
  if (isOnline(other?.id)) return t('chat.online');
  const seen = other && presence.value[other.id]?.lastSeenAt;
  return seen ? t('chat.lastSeen', shortTime(seen)) : other ? `@${other.handle}` : '';
}
