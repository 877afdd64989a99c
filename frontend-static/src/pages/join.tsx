import { useEffect, useState } from 'preact/hooks';
import { api } from '../api';
import type { LinkPreview } from '../api/types';
import { Avatar } from '../components/avatar';
import { Empty, Spinner } from '../components/feedback';
import { PageHead } from '../components/page-head';
import { t } from '../i18n';
import { navigate } from '../router';
import { joinGroup } from '../state/chat';
import { showError } from '../state/toasts';

/** The group of an invite link, with a button to join. */
export function JoinPage({ token }: { token: string }) {
  const [preview, setPreview] = useState<LinkPreview | null | 'gone'>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    api.previewLink(token).then(setPreview, () => setPreview('gone'));
  }, [token]);
  const join = async () => {
    setBusy(true);
    try {
      navigate(`/messages/${await joinGroup(token)}`, { replace: true });
    } catch (error) {
      showError(error);
      setBusy(false);
    }
  };
  return (
    <>
      <PageHead title={t('chat.joinTitle')} parent="/messages" />
      {preview === null && (
        <div class="splash">
          <Spinner />
        </div>
      )}
      {preview === 'gone' && <Empty icon="link" title={t('chat.joinExpired')} hint={t('chat.joinExpiredHint')} />}
      {preview && preview !== 'gone' && (
        <div class="join-card">
          <Avatar of={{ id: token, displayName: preview.title ?? '', avatarUrl: preview.avatarUrl }} size={96} />
          <h2>
            <bdi>{preview.title}</bdi>
          </h2>
          <p class="muted">{t('chat.memberCount', preview.memberCount)}</p>
          {preview.joined && preview.conversationId ? (
            <a class="button button-primary" href={`/messages/${preview.conversationId}`}>
              {t('chat.joinOpen')}
            </a>
          ) : (
            <button type="button" class="button button-primary" disabled={busy} onClick={() => void join()}>
              {t('chat.join')}
            </button>
          )}
        </div>
      )}
    </>
  );
}
