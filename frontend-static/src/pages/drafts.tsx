import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Draft, PostContent, ScheduledPost } from '../api/types';
import { Confirm } from '../components/confirm';
import { Empty, Failure, Spinner } from '../components/feedback';
import { Icon } from '../components/icon';
import { PageHead } from '../components/page-head';
import { LinkTabs } from '../components/tabs';
import { t } from '../i18n';
import { fullTime, shortTime } from '../lib/time';
import { composer, openSavedContent } from '../state/composer';
import {
  cancelScheduledPost,
  deleteDraft,
  drafts,
  loadDrafts,
  loadScheduledPosts,
  scheduledPosts,
} from '../state/drafts';
import { showToast } from '../state/toasts';

/** Unpublished posts: drafts and scheduled posts. */
export function DraftsPage({ which }: { which: 'drafts' | 'scheduled' }) {
  const error = useSignal<unknown>(null);
  const load = async () => {
    error.value = null;
    try {
      await (which === 'drafts' ? loadDrafts() : loadScheduledPosts());
    } catch (failure) {
      error.value = failure;
    }
  };
  const isOpen = composer.value !== null;
  useEffect(() => void (isOpen || load()), [which, isOpen]);
  const found = which === 'drafts' ? drafts.value : scheduledPosts.value;
  return (
    <>
      <PageHead title={which === 'drafts' ? t('drafts.title') : t('schedule.title')} parent="/">
        <LinkTabs
          label={t('drafts.open')}
          tabs={[
            { href: '/drafts', label: t('drafts.title'), current: which === 'drafts' },
            { href: '/drafts/scheduled', label: t('schedule.title'), current: which === 'scheduled' },
          ]}
        />
      </PageHead>
      {error.value ? (
        <Failure error={error.value} retry={() => void load()} />
      ) : found === null ? (
        <div class="splash">
          <Spinner />
        </div>
      ) : found.length === 0 ? (
        <Empty
          icon={which === 'drafts' ? 'drafts' : 'clock'}
          title={t(which === 'drafts' ? 'drafts.empty' : 'schedule.empty')}
          hint={t(which === 'drafts' ? 'drafts.emptyHint' : 'schedule.emptyHint')}
        />
      ) : (
        <ul class="draft-list" aria-label={which === 'drafts' ? t('drafts.title') : t('schedule.title')}>
          {which === 'drafts'
            ? (found as Draft[]).map((draft) => (
                <li key={draft.id}>
                  <DraftCard draft={draft} />
                </li>
              ))
            : (found as ScheduledPost[]).map((one) => (
                <li key={one.id}>
                  <ScheduledCard one={one} />
                </li>
              ))}
        </ul>
      )}
    </>
  );
}

function DraftCard({ draft }: { draft: Draft }) {
  const asking = useSignal(false);
  return (
    <article class="draft">
      <p class="draft-time muted">
        <time dateTime={draft.updatedAt} title={fullTime(draft.updatedAt)}>
          {shortTime(draft.updatedAt)}
        </time>
      </p>
      <Summary content={draft.content} />
      <div class="draft-actions">
        <button
          type="button"
          class="button button-small"
          onClick={() => void openSavedContent(draft.content, { draft })}>
          {t('drafts.resume')}
        </button>
        <button
          type="button"
          class="icon-button"
          aria-label={t('drafts.delete')}
          title={t('drafts.delete')}
          onClick={() => (asking.value = true)}>
          <Icon name="trash" size={19} />
        </button>
      </div>
      {asking.value && (
        <Confirm
          title={t('drafts.deleteConfirm')}
          hint={draft.content.text ?? ''}
          action={t('drafts.delete')}
          onClose={() => (asking.value = false)}
          onConfirm={() => deleteDraft(draft.id)}
        />
      )}
    </article>
  );
}

function ScheduledCard({ one }: { one: ScheduledPost }) {
  const asking = useSignal(false);
  return (
    <article class={`draft ${one.state === 'failed' ? 'is-failed' : ''}`}>
      <p class="draft-time">
        {one.state === 'failed' ? (
          <span class="field-error">
            <Icon name="alert" size={16} /> {t('schedule.failed')}: {one.reason}
          </span>
        ) : (
          <span class="muted">
            <Icon name="clock" size={16} />{' '}
            <time dateTime={one.publishAt}>{t('schedule.publishesAt', fullTime(one.publishAt))}</time>
          </span>
        )}
      </p>
      <Summary content={one.post} />
      <div class="draft-actions">
        <button
          type="button"
          class="button button-small"
          onClick={() => void openSavedContent(one.post, { scheduled: one })}>
          {t('schedule.edit')}
        </button>
        <button type="button" class="button button-small" onClick={() => (asking.value = true)}>
          {t('schedule.cancel')}
        </button>
      </div>
      {asking.value && (
        <Confirm
          title={t('schedule.cancelConfirm')}
          hint={t('schedule.cancelConfirmHint')}
          action={t('schedule.cancel')}
          onClose={() => (asking.value = false)}
          onConfirm={async () => {
            await cancelScheduledPost(one.id);
            showToast(t('schedule.cancelled'));
          }}
        />
      )}
    </article>
  );
}

function Summary({ content }: { content: PostContent }) {
  const notes = [
    content.visibility && content.visibility !== 'public' ? t(`post.visibility.${content.visibility}`) : '',
    content.poll ? t('drafts.poll') : '',
    content.mediaIds?.length ? t('drafts.mediaCount', content.mediaIds.length) : '',
    content.replyTo ? t('post.replyBadge') : '',
  ].filter(Boolean);
  return (
    <>
      <p class="draft-text">{content.text || <span class="muted">{t('drafts.untitled')}</span>}</p>
      {notes.length > 0 && (
        <p class="draft-notes">
          {notes.map((note) => (
            <span key={note} class="chip">
              {note}
            </span>
          ))}
        </p>
      )}
    </>
  );
}
