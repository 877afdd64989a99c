import { t } from '../../i18n';
import { discardMessage, resendMessage } from '../../state/chat';
import type { OutgoingMessage } from '../../state/chat-thread';
import { Icon } from '../icon';

/** A message that is being sent, or failed. */
export function OutgoingBubble({ id, item }: { id: string; item: OutgoingMessage }) {
  return (
    <div class="bubble-row is-own">
      <div class={`bubble is-own is-${item.delivery}`}>
        <div class="bubble-body">
          <div class="bubble-content">
            {item.mediaIds.length > 0 && (
              <p class="bubble-text">
                <Icon name="image" size={16} /> {item.mediaIds.length}
              </p>
            )}
            {item.text && <p class="bubble-text">{item.text}</p>}
          </div>
        </div>
        <span class="bubble-meta" role="status">
          {item.delivery === 'failed' ? (
            <>
              {t('chat.failed')} ·{' '}
              <button type="button" class="link-button" onClick={() => void resendMessage(id, item.clientMessageId)}>
                {t('chat.retry')}
              </button>
              {' · '}
              <button type="button" class="link-button" onClick={() => discardMessage(id, item.clientMessageId)}>
                {t('chat.discard')}
              </button>
            </>
          ) : (
            t('chat.sending')
          )}
        </span>
      </div>
    </div>
  );
}
