import { useEffect, useMemo, useState } from 'preact/hooks';
import { graph } from '../api/graph';
import { ApiError } from '../api/problem';
import type { PeopleList, Person } from '../api/types';
import { Confirm } from '../components/confirm';
import { Dialog } from '../components/dialog';
import { FeedList } from '../components/feed-list';
import { Empty, Failure, Spinner } from '../components/feedback';
import { Field } from '../components/fields';
import { Icon } from '../components/icon';
import { Menu } from '../components/menu';
import { NewPosts } from '../components/new-posts';
import { PageHead } from '../components/page-head';
import { PersonRow } from '../components/person-row';
import { PostCard } from '../components/post-card';
import { LinkTabs } from '../components/tabs';
import { t } from '../i18n';
import { errorMessage } from '../i18n/errors';
import { newUlid } from '../lib/id';
import { useForm } from '../lib/use-form';
import { navigate } from '../router';
import { createFeed } from '../state/feed';
import { getPostFeed } from '../state/posts';
import { showError } from '../state/toasts';
import { NotFoundPage } from './not-found';

/** Your lists of people. */
export function ListsPage() {
  const [lists, setLists] = useState<PeopleList[] | null>(null);
  const [naming, setNaming] = useState(false);
  useEffect(() => {
    graph.lists().then(
      (answer) => setLists(answer.items),
      (error: unknown) => {
        showError(error);
        setLists([]);
      },
    );
  }, []);
  return (
    <>
      <PageHead title={t('lists.title')} parent="/">
        <button type="button" class="button button-small button-primary" onClick={() => setNaming(true)}>
          {t('lists.new')}
        </button>
      </PageHead>
      {!lists && (
        <div class="splash">
          <Spinner />
        </div>
      )}
      {lists?.length === 0 && <Empty icon="list" title={t('lists.emptyLists')} hint={t('lists.emptyListsHint')} />}
      <ul class="link-list is-page">
        {(lists ?? []).map((list) => (
          <li key={list.id}>
            <a href={`/lists/${list.id}`}>
              <Icon name="list" size={20} />
              <span>
                <b>{list.name}</b> <span class="muted">{t('lists.memberCount', list.members)}</span>
              </span>
              <Icon name="next" size={18} />
            </a>
          </li>
        ))}
      </ul>
      {naming && (
        <NameDialog
          title={t('lists.new')}
          initial=""
          onClose={() => setNaming(false)}
          save={async (name) => {
            navigate(`/lists/${(await graph.saveList(newUlid(), name)).id}`);
          }}
        />
      )}
    </>
  );
}

/** A list's timeline, or its members. */
export function ListPage({ id, which }: { id: string; which: 'posts' | 'members' }) {
  const [list, setList] = useState<PeopleList | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [asking, setAsking] = useState<'rename' | 'delete' | null>(null);
  useEffect(() => {
    graph.list(id).then(setList, setError);
  }, [id]);
  if (error instanceof ApiError && (error.status === 404 || error.status === 400)) return <NotFoundPage />;
  if (error) return <Failure error={error} />;
  const close = () => setAsking(null);
  return (
    <>
      <PageHead
        title={list?.name ?? t('lists.title')}
        isolated
        parent="/lists"
        detail={list ? t('lists.memberCount', list.members) : undefined}>
        <Menu
          label={t('nav.more')}
          items={[
            { icon: 'pen', label: t('lists.rename'), act: () => setAsking('rename') },
            { icon: 'trash', label: t('lists.delete'), act: () => setAsking('delete'), danger: true },
          ]}>
          <Icon name="more" />
        </Menu>
        <LinkTabs
          label={t('lists.title')}
          tabs={[
            { href: `/lists/${id}`, label: t('lists.posts'), current: which === 'posts' },
            { href: `/lists/${id}/members`, label: t('lists.members'), current: which === 'members' },
          ]}
        />
      </PageHead>
      {which === 'posts' ? (
        <Posts id={id} />
      ) : (
        <Members id={id} onRemoved={() => setList((one) => one && { ...one, members: one.members - 1 })} />
      )}
      {list && asking === 'rename' && (
        <NameDialog
          title={t('lists.rename')}
          initial={list.name}
          onClose={close}
          save={async (name) => setList(await graph.saveList(id, name))}
        />
      )}
      {list && asking === 'delete' && (
        <Confirm
          title={t('lists.deleteConfirm', list.name)}
          hint={t('lists.deleteConfirmHint')}
          action={t('lists.delete')}
          onClose={close}
          onConfirm={async () => {
            await graph.deleteList(id);
            navigate('/lists', { replace: true });
          }}
        />
      )}
    </>
  );
}

function Posts({ id }: { id: string }) {
  const feed = getPostFeed(`list:${id}`, (cursor) => graph.listTimeline(id, { cursor }));
  useEffect(() => {
    if (feed.status.value === 'ready') void feed.newer();
  }, [feed]);
  return (
    <>
      <NewPosts feed={feed} poll />
      <FeedList
        feed={feed}
        keyOf={(post) => post.id}
        row={(post) => <PostCard post={post} />}
        label={t('lists.posts')}
        timeline
        empty={<Empty icon="list" title={t('lists.empty')} hint={t('lists.emptyHint')} />}
      />
    </>
  );
}

function Members({ id, onRemoved }: { id: string; onRemoved: () => void }) {
  const feed = useMemo(
    () =>
      createFeed<Person>(
        (cursor) => graph.listMembers(id, { cursor }),
        (person) => person.id,
      ),
    [id],
  );
  const remove = async (person: Person) => {
    try {
      await graph.removeFromList(id, person.id);
      feed.remove(person.id);
      onRemoved();
    } catch (error) {
      showError(error);
    }
  };
  const row = (person: Person) => (
    <PersonRow person={person}>
      <button
        type="button"
        class="button button-small"
        aria-label={t('lists.removeFor', person.displayName)}
        onClick={() => void remove(person)}>
        {t('lists.remove')}
      </button>
    </PersonRow>
  );
  return (
    <FeedList
      feed={feed}
      keyOf={(person) => person.id}
      row={row}
      empty={<Empty icon="users" title={t('lists.emptyMembers')} hint={t('lists.emptyHint')} />}
    />
  );
}

function NameDialog({
  title,
  initial,
  save,
  onClose,
}: {
  title: string;
  initial: string;
  save: (name: string) => Promise<void>;
  onClose: () => void;
}) {
  const [name, setName] = useState(initial);
  const { busy, error, submit } = useForm(async () => {
    await save(name);
    onClose();
  }, errorMessage);
  return (
    <Dialog title={title} onClose={onClose} className="dialog-small">
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <Field label={t('lists.name')} value={name} onValue={setName} error={error} maxLength={50} required />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            {t('app.cancel')}
          </button>
          <button type="submit" class="button button-primary" disabled={busy || !name.trim()}>
            {t('app.save')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
