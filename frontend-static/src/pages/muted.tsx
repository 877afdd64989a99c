import { useEffect, useId, useMemo, useState } from 'preact/hooks';
import { graph } from '../api/graph';
import type { MutedThread, MutedWord, Person } from '../api/types';
import { FeedList } from '../components/feed-list';
import { Empty, Spinner } from '../components/feedback';
import { Field } from '../components/fields';
import { Icon } from '../components/icon';
import { PageHead } from '../components/page-head';
import { PersonRow } from '../components/person-row';
import { PostCard } from '../components/post-card';
import { LinkTabs } from '../components/tabs';
import { t } from '../i18n';
import { errorMessage } from '../i18n/errors';
import { newUlid } from '../lib/id';
import { fullTime } from '../lib/time';
import { useForm } from '../lib/use-form';
import { createFeed } from '../state/feed';
import { invalidateNotifications } from '../state/notifications';
import { isMuted, toggleMutePerson } from '../state/people';
import { showError } from '../state/toasts';

export type MutedKind = 'people' | 'words' | 'threads';

/** Muted people, words and conversations. */
export function MutedPage({ kind }: { kind: MutedKind }) {
  return (
    <>
      <PageHead title={t('mute.title')} parent="/settings">
        <LinkTabs
          label={t('mute.title')}
          tabs={[
            { href: '/settings/muted', label: t('mute.people'), current: kind === 'people' },
            { href: '/settings/muted/words', label: t('mute.words'), current: kind === 'words' },
            { href: '/settings/muted/threads', label: t('mute.threads'), current: kind === 'threads' },
          ]}
        />
      </PageHead>
      {kind === 'people' ? <People /> : kind === 'words' ? <MutedWords /> : <Threads />}
    </>
  );
}

const Nothing = () => <Empty icon="bellOff" title={t('mute.empty')} hint={t('mute.emptyHint')} />;

function People() {
  const feed = useMemo(
    () =>
      createFeed<Person>(
        (cursor) => graph.mutedPeople({ cursor }),
        (person) => person.id,
      ),
    [],
  );
  const row = (person: Person) => (
    <PersonRow person={person}>
      <button
        type="button"
        class="button button-small"
        aria-label={t(isMuted(person) ? 'mute.unmute' : 'mute.mute', person.displayName)}
        onClick={() => void toggleMutePerson(person)}>
        {isMuted(person) ? t('mute.unmuteShort') : t('mute.title')}
      </button>
    </PersonRow>
  );
  return <FeedList feed={feed} keyOf={(person) => person.id} row={row} empty={<Nothing />} />;
}

function Threads() {
  const feed = useMemo(
    () =>
      createFeed<MutedThread>(
        (cursor) => graph.mutedThreads({ cursor }),
        (thread) => thread.id,
      ),
    [],
  );
  const end = async (id: string) => {
    try {
      await graph.unmuteThread(id);
      invalidateNotifications();
      feed.remove(id);
    } catch (error) {
      showError(error);
    }
  };
  const row = ({ id, post }: MutedThread) => (
    <div class="muted-thread">
      {post ? <PostCard post={post} /> : <p class="muted">{t('mute.deletedThread')}</p>}
      <button type="button" class="button button-small" onClick={() => void end(id)}>
        {t('mute.unmuteShort')}
      </button>
    </div>
  );
  return <FeedList feed={feed} keyOf={(thread) => thread.id} row={row} empty={<Nothing />} />;
}

const DAYS = { forever: 0, day: 1, week: 7, month: 30 } as const;
type Span = keyof typeof DAYS;

function MutedWords() {
  const [words, setWords] = useState<MutedWord[] | null>(null);
  const [word, setWord] = useState('');
  const [span, setSpan] = useState<Span>('forever');
  const id = useId();
  useEffect(() => {
    graph.mutedWords().then(
      (answer) => setWords(answer.items),
      (error: unknown) => {
        showError(error);
        setWords([]);
      },
    );
  }, []);
  const form = useForm(async () => {
    const end = DAYS[span] ? { expiresAt: new Date(Date.now() + DAYS[span] * 86_400_000).toISOString() } : {};
    const made = await graph.muteWord(newUlid(), { word, ...end });
    invalidateNotifications();
    setWords([made, ...(words ?? [])]);
    setWord('');
  }, errorMessage);
  const remove = async (one: MutedWord) => {
    setWords((all) => (all ?? []).filter((other) => other.id !== one.id));
    await graph
      .unmuteWord(one.id)
      .then(invalidateNotifications)
      .catch((error: unknown) => {
        showError(error);
        setWords((all) => [one, ...(all ?? [])]);
      });
  };
  return (
    <div class="settings">
      <form class="setting stack" onSubmit={(event) => void form.submit(event)}>
        <Field
          label={t('mute.word')}
          value={word}
          onValue={setWord}
          maxLength={100}
          hint={t('mute.wordHint')}
          error={form.error}
        />
        <div class="field">
          <label for={id}>{t('mute.duration')}</label>
          <select id={id} class="input" value={span} onChange={(event) => setSpan(event.currentTarget.value as Span)}>
            {(Object.keys(DAYS) as Span[]).map((one) => (
              <option key={one} value={one}>
                {t(`mute.duration.${one}`)}
              </option>
            ))}
          </select>
        </div>
        <button type="submit" class="button button-primary" disabled={form.busy || !word.trim()}>
          {t('mute.addWord')}
        </button>
      </form>
      {!words && (
        <div class="splash">
          <Spinner />
        </div>
      )}
      {words?.length === 0 && <Nothing />}
      <ul class="word-list">
        {(words ?? []).map((one) => (
          <li key={one.id}>
            <span>
              <b>{one.word}</b>
              {one.expiresAt && (
                <span class="muted">
                  {new Date(one.expiresAt) > new Date()
                    ? t('mute.expires', fullTime(one.expiresAt))
                    : t('mute.expired')}
                </span>
              )}
            </span>
            <button
              type="button"
              class="icon-button"
              aria-label={t('mute.removeWord', one.word)}
              onClick={() => void remove(one)}>
              <Icon name="trash" size={19} />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
