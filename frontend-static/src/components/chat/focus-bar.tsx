import type { Conversation, Message } from '../../api/types';
import { t } from '../../i18n';
import { Icon } from '../icon';
import { nameOf, summary } from './names';

/** The message that is being replied to or edited. */
export type Focus = { kind: 'reply' | 'edit'; message: Message } | null;

interface Props {
  focus: NonNullable<Focus>;
  conversation: Conversation;
  leave: () => void;
}

export function FocusBar({ focus, conversation, leave }: Props) {
  const edit = focus.kind === 'edit';
  return (
    <div class="focus-bar">
      <Icon name={edit ? 'pen' : 'reply'} size={18} />
      <span class="focus-text">
        <b>{edit ? t('chat.editing') : t('chat.replyingTo', nameOf(focus.message.senderId, conversation))}</b>
        <span class="muted">{summary(focus.message, conversation)}</span>
      </span>
      <button
        type="button"
        class="icon-button"
        aria-label={edit ? t('chat.stopEdit') : t('chat.stopReply')}
        onClick={leave}>
        <Icon name="close" size={18} />
      </button>
    </div>
  );
}
