import { useEffect } from 'preact/hooks';
import { ChatThread } from '../components/chat/chat-thread';
import { ConversationList } from '../components/chat/conversation-list';
import { Empty } from '../components/feedback';
import { t } from '../i18n';
import { setPageTitle } from '../lib/title';
import { route } from '../router';
import { conversationTitle, findConversation, loadConversations } from '../state/conversations';
import { watchPresence } from '../state/presence';

/** Conversations on the left, the selected one on the right; a phone shows one of the two. */
export function MessagesPage({ id }: { id: string | null }) {
  const conversation = id ? findConversation(id) : undefined;
  const asked = route.value.query.get('folder') === 'requests' || conversation?.me.state === 'request';
  const title = conversation ? conversationTitle(conversation) : t('chat.title');
  useEffect(() => {
    void loadConversations();
    return watchPresence();
  }, []);
  useEffect(() => {
    setPageTitle(`${title} · asyncsns`);
  }, [title]);
  return (
    <div class={`chat ${id ? 'has-thread' : ''}`}>
      <h1 class="visually-hidden" tabIndex={-1}>
        {title}
      </h1>
      <ConversationList current={id} folder={asked ? 'requests' : 'inbox'} />
      <section class="chat-main" aria-label={t('chat.title')}>
        {id ? (
          <ChatThread id={id} key={id} />
        ) : (
          <Empty icon="chat" title={t('chat.choose')} hint={t('chat.chooseHint')} />
        )}
      </section>
    </div>
  );
}
