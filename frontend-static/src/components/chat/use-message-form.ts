/** State of the chat composer: text, attachments, a reply or an edit; and sending. */
import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../../i18n';
import { isBlank } from '../../lib/blank';
import { editMessage, sendMessage } from '../../state/chat';
import { chatDraftOf, saveChatDraft } from '../../state/chat-drafts';
import { showError, showToast } from '../../state/toasts';
import { type Attachment, addFiles } from '../../state/uploads';
import type { Focus } from './focus-bar';

interface Options {
  conversationId: string;
  focus: Focus;
  setFocus: (focus: Focus) => void;
  field: RefObject<HTMLTextAreaElement | null>;
}

export function useMessageForm({ conversationId: id, focus, setFocus, field }: Options) {
  const text = useSignal(chatDraftOf(id));
  const attachments = useSignal<Attachment[]>([]);
  useEffect(() => () => attachments.peek().forEach((item) => item.cancel()), []);
  /** The text from before an edit began, and unfinished edits by message. */
  const before = useRef<string | null>(null);
  const edits = useRef(new Map<string, string>());
  useEffect(() => {
    if (focus) field.current?.focus();
    if (focus?.kind !== 'edit') return undefined;
    before.current ??= text.peek();
    text.value = edits.current.get(focus.message.id) ?? focus.message.text;
    return () => void edits.current.set(focus.message.id, text.peek());
  }, [focus]);

  const states = attachments.value.map((item) => item.state.value);
  const failed = states.some((state) => state === 'failed' || state === 'rejected');
  const waiting = states.some((state) => state !== 'ready');
  const canSend = (!isBlank(text.value) || states.length > 0) && !failed && !waiting;

  const leave = () => {
    const written = before.current;
    before.current = null;
    setFocus(null);
    field.current?.focus();
    if (written !== null) text.value = written;
    edits.current.clear();
  };
  const sendNew = async () => {
    const value = text.value.trim();
    const mediaIds = attachments.value.map((item) => item.media.value!.id);
    const replyTo = focus?.message.seq ?? null;
    text.value = '';
    attachments.value = [];
    saveChatDraft(id, '');
    setFocus(null);
    await sendMessage(id, value, { mediaIds, replyTo });
  };
  return {
    text,
    attachments,
    canSend,
    leave,
    set: (value: string) => {
      text.value = value;
      if (focus?.kind !== 'edit') saveChatDraft(id, value);
    },
    add: (files: Iterable<File>) => addFiles(attachments, files),
    remove: (item: Attachment) => {
      item.cancel();
      attachments.value = attachments.value.filter((other) => other !== item);
    },
    send: async () => {
      if (waiting && !failed) showToast(t('chat.waitUpload'));
      if (!canSend) return;
      if (focus?.kind !== 'edit') return sendNew();
      const value = text.value.trim();
      leave();
      await editMessage(id, focus.message.seq, value).catch(showError);
    },
  };
}
