import { useEffect, useState } from 'preact/hooks';
import { api } from '../../api';
import type { Conversation, JoinLink } from '../../api/types';
import { t } from '../../i18n';
import { fullTime } from '../../lib/time';
import { copyAndSay, showError } from '../../state/toasts';

const WEEK_HOURS = 24 * 7;

/** The group's invite link: only one at a time, and revocable. */
export function InviteLink({ conversation }: { conversation: Conversation }) {
  const [link, setLink] = useState<JoinLink | null>(null);
  useEffect(() => {
    api.groupLink(conversation.id).then(
      (answer) => setLink(answer.link),
      () => undefined,
    );
  }, [conversation.id]);
  const make = () => void api.makeGroupLink(conversation.id, WEEK_HOURS).then(setLink, showError);
  const revoke = () => void api.revokeGroupLink(conversation.id).then(() => setLink(null), showError);
  const address = link ? `${location.origin}/join/${link.token}` : '';
  const copy = () => void copyAndSay(address, t('chat.copied'));
  return (
    <section class="invite" aria-labelledby="invite-title">
      <h3 id="invite-title">{t('chat.link')}</h3>
      <p class="muted">{link ? t('chat.linkUntil', fullTime(link.expiresAt)) : t('chat.linkHint')}</p>
      {link && (
        <input
          class="input"
          readOnly
          value={address}
          aria-label={t('chat.link')}
          onFocus={(event) => event.currentTarget.select()}
        />
      )}
      <div class="info-actions">
        {link && (
          <button type="button" class="button button-small button-primary" onClick={copy}>
            {t('chat.linkCopy')}
          </button>
        )}
        <button type="button" class="button button-small" onClick={make}>
          {link ? t('chat.linkNew') : t('chat.linkMake')}
        </button>
        {link && (
          <button type="button" class="button button-small" onClick={revoke}>
            {t('chat.linkRevoke')}
          </button>
        )}
      </div>
    </section>
  );
}
