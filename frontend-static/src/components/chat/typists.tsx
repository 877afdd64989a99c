import type { Conversation } from '../../api/types';
import { t } from '../../i18n';
import { nameOf } from './names';

/** Who is typing, announced politely. */
export function Typists({ users, conversation }: { users: string[]; conversation: Conversation }) {
  const text =
    users.length === 1 ? t('chat.typing', nameOf(users[0]!, conversation)) : t('chat.typingCount', users.length);
  return (
    <p class={`typing ${users.length ? '' : 'visually-hidden'}`} aria-live="polite">
      {users.length > 0 && (
        <>
          <span class="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span class="muted">{text}</span>
        </>
      )}
    </p>
  );
}
