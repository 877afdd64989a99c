import { useEffect, useState } from 'preact/hooks';
import { api } from '../../api';
import type { Conversation, Message } from '../../api/types';
import { t } from '../../i18n';
import { getThread } from '../../state/chat-thread';
import { nameOf, summary } from './names';

/** The current state of the message that is replied to: from the loaded ones, otherwise fetched. */
export function Quote({
  seq,
  conversation,
  jump,
}: {
  seq: number;
  conversation: Conversation;
  jump: (seq: number) => void;
}) {
  const loaded = getThread(conversation.id).messages.find((one) => one.seq === seq);
  const [fetched, setFetched] = useState<Message | null>(null);
  useEffect(() => {
    if (loaded || seq < conversation.me.since) return;
    api.messages(conversation.id, { around: seq, limit: 1 }).then(
      (page) => setFetched(page.items.find((one) => one.seq === seq) ?? null),
      () => undefined,
    );
  }, [seq, Boolean(loaded)]);
  const message = loaded ?? fetched;
  if (!message) return null;
  const name = nameOf(message.senderId, conversation);
  return (
    <button type="button" class="quote" aria-label={t('chat.quote', name)} onClick={() => jump(seq)}>
      <b>{name}</b>
      <span>{summary(message, conversation)}</span>
    </button>
  );
}
