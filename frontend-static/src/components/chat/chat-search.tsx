import { useState } from 'preact/hooks';
import { api } from '../../api';
import type { Conversation, Message } from '../../api/types';
import { t } from '../../i18n';
import { markWords } from '../../lib/highlight';
import { fullTime, shortTime } from '../../lib/time';
import { addChatNames } from '../../state/conversations';
import { showError } from '../../state/toasts';
import { Spinner } from '../feedback';
import { nameOf } from './names';
import { Panel } from './panel';

interface Props {
  conversation: Conversation;
  onClose: () => void;
  onPick: (seq: number) => void;
}

/** Searches the conversation, newest first; a result jumps to its message. */
export function ChatSearch({ conversation, onClose, onPick }: Props) {
  const [text, setText] = useState('');
  const [asked, setAsked] = useState('');
  const [found, setFound] = useState<{ items: Message[]; before: number | null } | null>(null);
  const [busy, setBusy] = useState(false);
  const look = async (words: string, before: number | null) => {
    if (!words) return;
    setBusy(true);
    try {
      const answer = await api.searchMessages(conversation.id, words, before);
      addChatNames(answer.people);
      setAsked(words);
      setFound({
        items: before === null ? answer.items : [...(found?.items ?? []), ...answer.items],
        before: answer.before,
      });
    } catch (error) {
      showError(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel title={t('chat.search')} onClose={onClose}>
      <form
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          void look(text.trim(), null);
        }}>
        <input
          class="input"
          type="search"
          maxLength={100}
          value={text}
          placeholder={t('chat.searchHint')}
          aria-label={t('chat.searchHint')}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </form>
      <p class="muted chat-found" role="status">
        {found && (found.items.length ? t('chat.searchCount', found.items.length) : t('chat.searchEmpty'))}
      </p>
      <ul class="found-list">
        {found?.items.map((message) => (
          <li key={message.seq}>
            <button type="button" class="found" onClick={() => onPick(message.seq)}>
              <span class="conversation-head">
                <b>
                  <bdi>{nameOf(message.senderId, conversation)}</bdi>
                </b>
                <time class="muted" dateTime={message.at} title={fullTime(message.at)}>
                  {shortTime(message.at)}
                </time>
              </span>
              <span>
                {markWords(message.text, asked.split(/\s+/)).map((piece, index) =>
                  piece.match ? <mark key={index}>{piece.text}</mark> : piece.text,
                )}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {busy && <Spinner />}
      {found?.before && !busy && (
        <button type="button" class="button button-small" onClick={() => void look(asked, found.before)}>
          {t('chat.searchMore')}
        </button>
      )}
    </Panel>
  );
}
