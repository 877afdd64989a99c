import { useState } from 'preact/hooks';
import { api } from '../../api';
import type { Conversation } from '../../api/types';
import { t } from '../../i18n';
import { navigate } from '../../router';
import { answerChatRequest } from '../../state/chat';
import { conversationTitle, otherMemberOf } from '../../state/conversations';
import { openReport } from '../../state/reporting';
import { showError } from '../../state/toasts';
import { Confirm } from '../confirm';

/** Replaces the composer until the message request is answered. */
export function RequestBar({ conversation }: { conversation: Conversation }) {
  const [busy, setBusy] = useState(false);
  const [blocking, setBlocking] = useState(false);
  const answer = async (accept: boolean) => {
    setBusy(true);
    try {
      await answerChatRequest(conversation.id, accept);
      if (!accept) navigate('/messages?folder=requests', { replace: true });
    } catch (error) {
      showError(error);
    } finally {
      setBusy(false);
    }
  };
  const name = conversationTitle(conversation);
  const sender = conversation.kind === 'direct' ? otherMemberOf(conversation) : undefined;
  const block = async () => {
    await api.blockSender(sender!.id);
    await answer(false);
  };
  return (
    <div class="request-bar">
      <p>{conversation.kind === 'group' ? t('chat.requestGroup', name) : t('chat.requestFrom', name)}</p>
      <div class="dialog-actions">
        {sender && (
          <button type="button" class="button" onClick={() => openReport({ kind: 'person', id: sender.id, name })}>
            {t('report.open.person')}
          </button>
        )}
        {sender && (
          <button type="button" class="button" disabled={busy} onClick={() => setBlocking(true)}>
            {t('chat.block')}
          </button>
        )}
        <button type="button" class="button" disabled={busy} onClick={() => void answer(false)}>
          {t('chat.decline')}
        </button>
        <button type="button" class="button button-primary" disabled={busy} onClick={() => void answer(true)}>
          {t('chat.accept')}
        </button>
      </div>
      {blocking && (
        <Confirm
          title={t('chat.block')}
          hint={t('chat.blockHint', name)}
          action={t('chat.block')}
          onConfirm={block}
          onClose={() => setBlocking(false)}
        />
      )}
    </div>
  );
}
