import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { api } from '../api';
import type { Post, PostVersion } from '../api/types';
import { t } from '../i18n';
import { fullTime } from '../lib/time';
import { Dialog } from './dialog';
import { Failure, Spinner } from './feedback';
import { Icon } from './icon';
import { PostMedia } from './media';
import { RichText } from './rich-text';

/** "Edited", which opens the versions of a post. */
export function EditedMark({ post }: { post: Post }) {
  const open = useSignal(false);
  return (
    <>
      <button
        type="button"
        class="edited-mark"
        title={post.editedAt ? fullTime(post.editedAt) : undefined}
        aria-haspopup="dialog"
        aria-label={`${t('versions.edited')}, ${t('versions.title')}`}
        onClick={() => (open.value = true)}>
        {t('versions.edited')}
      </button>
      {open.value && <HistoryDialog postId={post.id} onClose={() => (open.value = false)} />}
    </>
  );
}

export function HistoryDialog({ postId, onClose }: { postId: string; onClose: () => void }) {
  const versions = useSignal<PostVersion[] | null>(null);
  const error = useSignal<unknown>(null);
  const load = async () => {
    error.value = null;
    try {
      versions.value = (await api.postHistory(postId)).items;
    } catch (failure) {
      error.value = failure;
    }
  };
  useEffect(() => void load(), [postId]);
  const found = versions.value;
  return (
    <Dialog title={t('versions.title')} onClose={onClose}>
      <p class="muted history-hint">{t('versions.titleHint')}</p>
      {error.value ? (
        <Failure error={error.value} retry={() => void load()} />
      ) : !found ? (
        <div class="history-wait">
          <Spinner />
        </div>
      ) : (
        <ol class="history" reversed>
          {found.map((version, place) => (
            <li key={version.version}>
              <p class="history-head">
                <b>
                  {place === 0
                    ? t('versions.current')
                    : place === found.length - 1
                      ? t('versions.first')
                      : t('versions.version', found.length - place)}
                </b>
                <time class="muted" dateTime={version.at}>
                  {fullTime(version.at)}
                </time>
              </p>
              {version.contentWarning && (
                <p class="history-warning muted">
                  <Icon name="alert" size={16} /> {version.contentWarning}
                </p>
              )}
              {version.text && (
                <p class="post-text" lang={version.lang || undefined}>
                  <RichText text={version.text} entities={version.entities} marked={[]} />
                </p>
              )}
              {version.media.length > 0 && (
                <PostMedia
                  media={version.media}
                  sensitive={version.sensitive || version.contentWarning !== null}
                  renew={load}
                />
              )}
            </li>
          ))}
        </ol>
      )}
    </Dialog>
  );
}
