import { useEffect, useState } from 'preact/hooks';
import { graph } from '../api/graph';
import type { Author, PeopleList } from '../api/types';
import { t } from '../i18n';
import { errorMessage } from '../i18n/errors';
import { isBlank } from '../lib/blank';
import { newUlid } from '../lib/id';
import { useForm } from '../lib/use-form';
import { showError } from '../state/toasts';
import { Dialog } from './dialog';
import { Spinner } from './feedback';
import { Field } from './fields';

/** Which of your lists contain a person; also creates lists. */
export function ListsDialog({ person, onClose }: { person: Author; onClose: () => void }) {
  const [lists, setLists] = useState<PeopleList[] | null>(null);
  const [name, setName] = useState('');
  useEffect(() => {
    graph.lists(person.id).then(
      (answer) => setLists(answer.items),
      (error: unknown) => {
        showError(error);
        onClose();
      },
    );
  }, []);
  const mark = (id: string, contains: boolean) =>
    setLists((all) => (all ?? []).map((one) => (one.id === id ? { ...one, contains } : one)));
  const toggle = async (list: PeopleList) => {
    mark(list.id, !list.contains);
    try {
      await (list.contains ? graph.removeFromList(list.id, person.id) : graph.addToList(list.id, person.id));
    } catch (error) {
      mark(list.id, Boolean(list.contains));
      showError(error);
    }
  };
  const form = useForm(async () => {
    const made = await graph.saveList(newUlid(), name);
    await graph.addToList(made.id, person.id);
    setLists([{ ...made, contains: true }, ...(lists ?? [])]);
    setName('');
  }, errorMessage);
  return (
    <Dialog title={t('lists.addToFor', person.displayName)} onClose={onClose} className="dialog-small">
      {!lists && <Spinner />}
      <ul class="check-list">
        {(lists ?? []).map((list) => (
          <li key={list.id}>
            <label>
              <input type="checkbox" checked={Boolean(list.contains)} onChange={() => void toggle(list)} />{' '}
              <span>{list.name}</span>
            </label>
          </li>
        ))}
      </ul>
      <form class="stack" onSubmit={(event) => void form.submit(event)}>
        <Field label={t('lists.new')} value={name} onValue={setName} maxLength={50} error={form.error} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            {t('app.close')}
          </button>
          <button type="submit" class="button button-primary" disabled={form.busy || isBlank(name)}>
            {t('lists.new')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
