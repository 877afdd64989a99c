import { useSignal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Conversation, Message } from '../../api/types';
import { t } from '../../i18n';
import { back, route } from '../../router';
import { getThread, loadThread, markConversationRead } from '../../state/chat-thread';
import { findConversation, shownConversationId } from '../../state/conversations';
import { connectionState } from '../../state/realtime';
import { Failure, PostSkeleton } from '../feedback';
import { Icon } from '../icon';
import { PushOffer } from '../push-offer';
import { RoomBanner } from '../room/room-banner';
import { ChatComposer } from './chat-composer';
import { ChatHead } from './chat-head';
import { ChatInfo } from './chat-info';
import { ChatLog } from './chat-log';
import { ChatSearch } from './chat-search';
import type { Focus } from './focus-bar';
import { RequestBar } from './request-bar';

type Panel = 'info' | 'search' | null;

export function ChatThread({ id }: { id: string }) {
  const error = useSignal<unknown>(null);
  const [panel, setPanel] = useState<Panel>(null);
  const [focus, setFocus] = useState<Focus>(null);
  const [target, setTarget] = useState<{ seq: number; ask: number } | null>(null);
  const asks = useRef(0);
  const box = useRef<HTMLDivElement>(null);
  const load = () =>
    loadThread(id).then(
      () => (error.value = null),
      (failure: unknown) => (error.value = failure),
    );
  const toField = () =>
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>('.chat-field textarea')?.focus());
  const jump = (seq: number) => {
    asks.current += 1;
    setTarget({ seq, ask: asks.current });
  };
  useEffect(() => {
    shownConversationId.value = id;
    void load();
    const read = () => document.visibilityState === 'visible' && markConversationRead(id);
    document.addEventListener('visibilitychange', read);
    return () => {
      shownConversationId.value = null;
      document.removeEventListener('visibilitychange', read);
    };
  }, [id]);
  const state = getThread(id);
  const conversation = findConversation(id);
  const last = state.messages.at(-1)?.seq;
  useEffect(() => {
    if (document.visibilityState === 'visible' && state.loaded) markConversationRead(id);
  }, [id, last, Boolean(conversation), state.loaded]);
  useEffect(() => {
    const seq = Number(route.peek().query.get('seq'));
    if (state.loaded && seq > 0) jump(seq);
  }, [state.loaded]);

  if (!state.loaded && error.value) return <Failure error={error.value} retry={() => void load()} />;
  const ready = conversation && state.loaded;
  return (
    <div class={`chat-columns ${panel ? 'has-panel' : ''}`}>
      <div class="chat-thread" ref={box}>
        {conversation ? (
          <ChatHead conversation={conversation} panel={panel} setPanel={setPanel} />
        ) : (
          <header class="page-head chat-head">
            <button
              type="button"
              class="icon-button only-narrow"
              aria-label={t('app.back')}
              onClick={() => back('/messages')}>
              <Icon name="back" />
            </button>
          </header>
        )}
        <ConnectionBanner />
        {conversation?.kind === 'group' && <RoomBanner conversationId={id} />}
        {ready ? (
          <ChatLog
            key={id}
            conversation={conversation}
            target={target}
            onReply={(message: Message) => setFocus({ kind: 'reply', message })}
            onEdit={(message: Message) => setFocus({ kind: 'edit', message })}
            onGone={toField}
          />
        ) : (
          <PostSkeleton count={3} />
        )}
        {ready && <Foot conversation={conversation} focus={focus} setFocus={setFocus} />}
      </div>
      {ready && panel === 'info' && <ChatInfo conversation={conversation} onClose={() => setPanel(null)} />}
      {ready && panel === 'search' && (
        <ChatSearch conversation={conversation} onClose={() => setPanel(null)} onPick={jump} />
      )}
    </div>
  );
}

function Foot({
  conversation,
  focus,
  setFocus,
}: {
  conversation: Conversation;
  focus: Focus;
  setFocus: (focus: Focus) => void;
}) {
  if (conversation.me.state !== 'active') return <RequestBar conversation={conversation} />;
  return (
    <>
      <PushOffer inline />
      {conversation.pending && <p class="chat-pending muted">{t('chat.pending')}</p>}
      <ChatComposer conversation={conversation} focus={focus} setFocus={setFocus} />
    </>
  );
}

/** Only after a lost connection: the first connection of a page is not a reconnect. */
function ConnectionBanner() {
  const state = connectionState.value;
  const lost = useRef(false);
  if (state !== 'connecting') lost.current = state === 'waiting';
  return lost.current ? (
    <p class="chat-banner" role="status">
      {t('app.reconnecting')}
    </p>
  ) : null;
}
