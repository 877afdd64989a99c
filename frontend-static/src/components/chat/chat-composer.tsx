import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Conversation, Member, Message } from '../../api/types';
import { subject } from '../../auth/session';
import { t } from '../../i18n';
import { editMessage, sendMessage, sendTyping } from '../../state/chat';
import { chatDraftOf, saveChatDraft } from '../../state/chat-drafts';
import { conversationTitle } from '../../state/conversations';
import { showError, showToast } from '../../state/toasts';
import { ACCEPTED_TYPES, type Attachment, attachFile, MEGABYTE, mediaKindOf, UPLOAD_LIMITS } from '../../state/uploads';
import { Attachments } from '../attachments';
import { Icon } from '../icon';
import { nameOf, summary } from './names';
import { VoiceRecorder } from './voice-recorder';

const MAX_MESSAGE = 2000;
const MAX_PHOTOS = 4;
const MAX_SUGGESTED = 6;

export type Focus = { kind: 'reply' | 'edit'; message: Message } | null;

interface Props {
  conversation: Conversation;
  /** What is being answered or edited. */
  focus: Focus;
  setFocus: (focus: Focus) => void;
}

/** Text with mentions, attachments, a reply or an edit. Enter sends; what is begun stays as a draft. */
export function ChatComposer({ conversation, focus, setFocus }: Props) {
  const { id } = conversation;
  const text = useSignal(chatDraftOf(id));
  const attachments = useSignal<Attachment[]>([]);
  const suggestions = useSignal<{ people: Member[]; at: number; active: number } | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  useEffect(() => () => attachments.peek().forEach((item) => item.cancel()), []);
  // One can write at once; on a phone a keyboard would cover what one came to read. After the page has put focus on its title.
  useEffect(() => {
    if (!matchMedia('(pointer: fine)').matches) return undefined;
    const frame = requestAnimationFrame(() => field.current?.focus({ preventScroll: true }));
    return () => cancelAnimationFrame(frame);
  }, []);
  useEffect(() => {
    if (focus?.kind === 'edit') text.value = focus.message.text;
    if (focus) field.current?.focus();
  }, [focus]);

  const set = (value: string) => {
    text.value = value;
    if (focus?.kind !== 'edit') saveChatDraft(id, value);
    suggestions.value = suggest(value, field.current?.selectionStart ?? value.length, conversation);
  };
  const leave = () => {
    if (focus?.kind === 'edit') text.value = chatDraftOf(id);
    setFocus(null);
    field.current?.focus();
  };
  const add = (files: Iterable<File>) => {
    for (const file of files) {
      const refusal = refuse(file, attachments.value);
      if (refusal) showToast(refusal, { kind: 'error' });
      else attachments.value = [...attachments.value, attachFile(file, mediaKindOf(file)!)];
    }
  };
  const failed = attachments.value.some((item) => item.state.value === 'failed' || item.state.value === 'rejected');
  const waiting = attachments.value.some((item) => item.state.value !== 'ready');
  const canSend = (text.value.trim() || attachments.value.length > 0) && !failed && !waiting;

  const send = async () => {
    const value = text.value.trim();
    if (waiting && !failed) showToast(t('chat.waitUpload'));
    if (!canSend) return;
    if (focus?.kind === 'edit') {
      const { message } = focus;
      leave();
      await editMessage(id, message.seq, value).catch(showError);
      return;
    }
    const mediaIds = attachments.value.map((item) => item.media.value!.id);
    const replyTo = focus?.message.seq ?? null;
    text.value = '';
    attachments.value = [];
    saveChatDraft(id, '');
    setFocus(null);
    await sendMessage(id, value, { mediaIds, replyTo });
  };
  const choose = (person: Member) => {
    const { at } = suggestions.value!;
    const cursor = field.current?.selectionStart ?? text.value.length;
    set(`${text.value.slice(0, at)}@${person.handle} ${text.value.slice(cursor)}`);
    suggestions.value = null;
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const open = suggestions.value;
    if (open && ['ArrowDown', 'ArrowUp', 'Enter', 'Tab', 'Escape'].includes(event.key)) {
      event.preventDefault();
      if (event.key === 'Escape') suggestions.value = null;
      else if (event.key === 'Enter' || event.key === 'Tab') choose(open.people[open.active]!);
      else
        suggestions.value = {
          ...open,
          active: (open.active + (event.key === 'ArrowDown' ? 1 : -1) + open.people.length) % open.people.length,
        };
      return;
    }
    if (event.key === 'Escape' && focus) leave();
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      void send();
    }
  };
  const label = t('chat.placeholder', conversationTitle(conversation));
  const canAttach = !conversation.pending && focus?.kind !== 'edit';
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: takes dropped files, for which keyboards have the button
    <div
      class="chat-compose"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        if (canAttach) add(event.dataTransfer?.files ?? []);
      }}>
      {focus && <FocusBar focus={focus} conversation={conversation} leave={leave} />}
      {suggestions.value && (
        <ul class="mention-list" id="chat-mentions" role="listbox" aria-label={t('chat.mentions')}>
          {suggestions.value.people.map((person, index) => (
            <li
              key={person.id}
              id={`mention-${index}`}
              role="option"
              aria-selected={index === suggestions.value!.active}
              onPointerDown={(event) => {
                event.preventDefault();
                choose(person);
              }}>
              <span class="one-line">
                <b>
                  <bdi>{person.displayName}</bdi>
                </b>{' '}
                <span class="muted">@{person.handle}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
      <Attachments
        items={attachments.value}
        remove={(item) => {
          item.cancel();
          attachments.value = attachments.value.filter((other) => other !== item);
        }}
        arrange={(items) => (attachments.value = items)}
      />
      <form
        class="chat-field"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}>
        {canAttach && (
          <>
            <button
              type="button"
              class="icon-button"
              aria-label={t('chat.attach')}
              onClick={() => picker.current?.click()}>
              <Icon name="clip" />
            </button>
            <input
              ref={picker}
              type="file"
              hidden
              multiple
              accept={Object.values(ACCEPTED_TYPES).join(',')}
              onChange={(event) => {
                add([...(event.currentTarget.files ?? [])]);
                event.currentTarget.value = '';
              }}
            />
          </>
        )}
        <div class="grow" data-value={text.value}>
          <textarea
            ref={field}
            rows={1}
            maxLength={MAX_MESSAGE}
            value={text.value}
            aria-label={label}
            placeholder={label}
            aria-autocomplete="list"
            aria-controls={suggestions.value ? 'chat-mentions' : undefined}
            aria-activedescendant={suggestions.value ? `mention-${suggestions.value.active}` : undefined}
            onInput={(event) => {
              set(event.currentTarget.value);
              if (text.value.trim() && focus?.kind !== 'edit') sendTyping(id);
            }}
            onPaste={(event) => {
              const files = [...(event.clipboardData?.files ?? [])];
              if (files.length && canAttach) {
                event.preventDefault();
                add(files);
              }
            }}
            onKeyDown={onKeyDown}
          />
        </div>
        {canAttach && !text.value.trim() && attachments.value.length === 0 && (
          <VoiceRecorder onRecorded={(file) => add([file])} />
        )}
        <button type="submit" class="icon-button is-primary" aria-label={t('chat.send')} disabled={!canSend}>
          <Icon name={focus?.kind === 'edit' ? 'check' : 'send'} size={20} />
        </button>
      </form>
    </div>
  );
}

function FocusBar({
  focus,
  conversation,
  leave,
}: {
  focus: NonNullable<Focus>;
  conversation: Conversation;
  leave: () => void;
}) {
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

/** Members whose handle or name begins with what stands after the last @ before the cursor. */
function suggest(text: string, cursor: number, conversation: Conversation) {
  const match = /(^|[\s（「、。])@([A-Za-z0-9_]{0,20})$/.exec(text.slice(0, cursor));
  if (!match || conversation.kind !== 'group') return null;
  const begin = match[2]!.toLowerCase();
  const people = conversation.members
    .filter(
      (one) =>
        one.id !== subject.value &&
        one.handle &&
        (one.handle.toLowerCase().startsWith(begin) || one.displayName.toLowerCase().startsWith(begin)),
    )
    .slice(0, MAX_SUGGESTED);
  return people.length ? { people, at: cursor - begin.length - 1, active: 0 } : null;
}

/** Why a file can't be added, or null: up to four photos, or one other. */
function refuse(file: File, present: Attachment[]): string | null {
  const kind = mediaKindOf(file);
  if (!kind) return t('composer.unsupportedType', file.name);
  if (file.size > UPLOAD_LIMITS[kind]) return t('composer.tooLarge', file.name, `${UPLOAD_LIMITS[kind] / MEGABYTE} MB`);
  const full =
    kind === 'photo'
      ? present.length >= MAX_PHOTOS || present.some((item) => item.kind !== 'photo')
      : present.length > 0;
  return full ? t('composer.tooMany') : null;
}
