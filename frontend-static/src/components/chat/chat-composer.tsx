import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Conversation } from '../../api/types';
import { t } from '../../i18n';
import { isBlank } from '../../lib/blank';
import { isComposing } from '../../lib/typing';
import { sendTyping } from '../../state/chat';
import { conversationTitle } from '../../state/conversations';
import { Attachments } from '../attachments';
import { Icon } from '../icon';
import { AttachButton } from './attach-button';
import { type Focus, FocusBar } from './focus-bar';
import { MentionList, useMentions } from './mentions';
import { useMessageForm } from './use-message-form';
import { VoiceRecorder } from './voice-recorder';

const MAX_MESSAGE = 2000;

interface Props {
  conversation: Conversation;
  /** The message that is being replied to or edited. */
  focus: Focus;
  setFocus: (focus: Focus) => void;
}

/** Text with mentions, attachments, a reply or an edit. Enter sends; unsent text is kept as a draft. */
export function ChatComposer({ conversation, focus, setFocus }: Props) {
  const field = useRef<HTMLTextAreaElement>(null);
  const form = useMessageForm({ conversationId: conversation.id, focus, setFocus, field });
  const isEdit = focus?.kind === 'edit';
  const canAttach = !conversation.pending && !isEdit;
  const isEmpty = isBlank(form.text.value) && form.attachments.value.length === 0;
  const set = (value: string) => {
    form.set(value);
    mentions.look(value, field.current?.selectionStart ?? value.length);
  };
  const mentions = useMentions(conversation, (at, person) => {
    const text = form.text.value;
    set(`${text.slice(0, at)}@${person.handle} ${text.slice(field.current?.selectionStart ?? text.length)}`);
    field.current?.focus();
  });
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: takes dropped files, for which keyboards have the button
    <div
      class="chat-compose"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        if (canAttach) form.add(event.dataTransfer?.files ?? []);
      }}>
      {focus && <FocusBar focus={focus} conversation={conversation} leave={form.leave} />}
      <MentionList open={mentions.open} choose={mentions.choose} />
      <Attachments
        items={form.attachments.value}
        remove={form.remove}
        arrange={(items) => (form.attachments.value = items)}
      />
      <form
        class="chat-field"
        onSubmit={(event) => {
          event.preventDefault();
          void form.send();
        }}>
        {canAttach && <AttachButton onFiles={form.add} />}
        <MessageField
          field={field}
          text={form.text.value}
          label={t('chat.placeholder', conversationTitle(conversation))}
          aria={mentions.aria}
          onText={(value) => {
            set(value);
            if (value.trim() && !isEdit) sendTyping(conversation.id);
          }}
          onFiles={canAttach ? form.add : null}
          takeKey={(event) => {
            if (isComposing(event)) return false;
            if (mentions.takeKey(event.key)) return true;
            if (event.key === 'Escape' && focus) form.leave();
            const sends = event.key === 'Enter' && !event.shiftKey;
            if (sends) void form.send();
            return sends;
          }}
        />
        {canAttach && isEmpty && <VoiceRecorder onRecorded={(file) => form.add([file])} />}
        <button type="submit" class="icon-button is-primary" aria-label={t('chat.send')} disabled={!form.canSend}>
          <Icon name={isEdit ? 'check' : 'send'} size={20} />
        </button>
      </form>
    </div>
  );
}

interface FieldProps {
  field: RefObject<HTMLTextAreaElement | null>;
  text: string;
  label: string;
  aria: ReturnType<typeof useMentions>['aria'];
  onText: (text: string) => void;
  /** Null if nothing can be attached. */
  onFiles: ((files: File[]) => void) | null;
  /** Whether the key belongs to another control than the text. */
  takeKey: (event: KeyboardEvent) => boolean;
}

function MessageField({ field, text, label, aria, onText, onFiles, takeKey }: FieldProps) {
  // The field is focused at once, except on a phone, where the keyboard would cover the messages. This runs after the
  // page has focused its title.
  useEffect(() => {
    if (!matchMedia('(pointer: fine)').matches) return undefined;
    const frame = requestAnimationFrame(() => field.current?.focus({ preventScroll: true }));
    return () => cancelAnimationFrame(frame);
  }, []);
  const onPaste = (event: ClipboardEvent) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length || !onFiles) return;
    event.preventDefault();
    onFiles(files);
  };
  return (
    <div class="grow" data-value={text}>
      <textarea
        ref={field}
        rows={1}
        maxLength={MAX_MESSAGE}
        value={text}
        aria-label={label}
        placeholder={label}
        {...aria}
        onInput={(event) => onText(event.currentTarget.value)}
        onPaste={onPaste}
        onKeyDown={(event) => takeKey(event) && event.preventDefault()}
      />
    </div>
  );
}
