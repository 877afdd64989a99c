import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Live, LiveMessage } from '../../api/types';
import { upToDate } from '../../auth/session';
import { t } from '../../i18n';
import { isBlank } from '../../lib/blank';
import { clock, fullTime } from '../../lib/time';
import { isComposing } from '../../lib/typing';
import { liveChats, loadLiveMessages, loadOlderLiveMessages, sendLiveMessage } from '../../state/live-chat';
import { onConnected } from '../../state/realtime';
import { showError } from '../../state/toasts';
import { Avatar } from '../avatar';
import { Icon } from '../icon';

const MAX_MESSAGE = 500;
/** The maximum distance to the end at which the log still follows new messages. */
const NEAR_PX = 60;

export function LiveChat({ live }: { live: Live }) {
  useEffect(() => {
    const load = () => void loadLiveMessages(live.id).catch(() => undefined);
    load();
    return onConnected(load);
  }, [live.id]);
  return (
    <section class="live-chat" aria-labelledby="live-chat-title">
      <h2 id="live-chat-title">{t('liveChat.title')}</h2>
      <Log live={live} />
      {live.state === 'ended' ? <p class="live-chat-over muted">{t('liveChat.closed')}</p> : <Field live={live} />}
    </section>
  );
}

function Log({ live }: { live: Live }) {
  const box = useRef<HTMLDivElement>(null);
  const [follows, setFollows] = useState(true);
  const chat = liveChats.value[live.id];
  const messages = chat?.messages ?? [];
  const toEnd = () => {
    box.current!.scrollTop = box.current!.scrollHeight;
  };
  useLayoutEffect(() => {
    if (follows) toEnd();
  }, [messages]);
  // A phone's keyboard or another orientation changes the room for messages.
  useEffect(() => {
    if (!follows) return;
    // The ref is cleared before this effect ends.
    const log = box.current!;
    const observer = new ResizeObserver(() => {
      log.scrollTop = log.scrollHeight;
    });
    observer.observe(log);
    return () => observer.disconnect();
  }, [follows]);
  const showOlder = async () => {
    const log = box.current!;
    const below = log.scrollHeight - log.scrollTop;
    setFollows(false);
    await loadOlderLiveMessages(live.id);
    requestAnimationFrame(() => (log.scrollTop = log.scrollHeight - below));
  };
  return (
    <div class="live-log-frame">
      <div
        ref={box}
        class="live-log"
        role="log"
        aria-label={t('liveChat.log')}
        tabIndex={0}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) =>
          setFollows(scrollHeight - scrollTop - clientHeight < NEAR_PX)
        }>
        {chat?.older && (
          <button type="button" class="link-button" onClick={() => void showOlder().catch(showError)}>
            {t('liveChat.older')}
          </button>
        )}
        {chat && messages.length === 0 && (
          <p class="live-log-empty muted">
            <b>{t('liveChat.empty')}</b>
            {live.state !== 'ended' && <span>{t('liveChat.emptyHint')}</span>}
          </p>
        )}
        {messages.map((message) => (
          <Line key={message.id} message={message} isHost={message.author.id === live.host.id} />
        ))}
      </div>
      {!follows && (
        <button
          type="button"
          class="icon-button is-primary live-log-end"
          aria-label={t('liveChat.newer')}
          title={t('liveChat.newer')}
          onClick={toEnd}>
          <Icon name="down" size={20} />
        </button>
      )}
    </div>
  );
}

function Line({ message, isHost }: { message: LiveMessage; isHost: boolean }) {
  const { text, createdAt } = message;
  const author = upToDate(message.author);
  return (
    <div class="live-line" data-id={message.id}>
      <Avatar of={author} size={30} />
      <p>
        <a href={`/@${author.handle}`}>
          <bdi>{author.displayName || t('app.deletedAccount')}</bdi>
        </a>{' '}
        {isHost && <span class="chip">{t('liveChat.host')}</span>}{' '}
        <time class="muted" dateTime={createdAt} title={fullTime(createdAt)}>
          {clock(createdAt)}
        </time>
        <bdi class="live-line-text">{text}</bdi>
      </p>
    </div>
  );
}

/** The text stays in the field until the server has accepted the message. */
function Field({ live }: { live: Live }) {
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const send = async () => {
    if (busy || isBlank(text)) return;
    setBusy(true);
    try {
      await sendLiveMessage(live.id, text.trim());
      setText('');
    } catch (error) {
      showError(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      class="chat-field live-chat-field"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}>
      <div class="grow" data-value={text}>
        <textarea
          rows={1}
          maxLength={MAX_MESSAGE}
          value={text}
          aria-label={t('liveChat.placeholder')}
          placeholder={t('liveChat.placeholder')}
          readOnly={busy}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || isComposing(event)) return;
            event.preventDefault();
            void send();
          }}
        />
      </div>
      <button
        type="submit"
        class="icon-button is-primary"
        aria-label={t('liveChat.send')}
        disabled={busy || isBlank(text)}>
        <Icon name="send" size={20} />
      </button>
    </form>
  );
}
