import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n';
import { errorMessage } from '../i18n/errors';
import { isBlank } from '../lib/blank';
import { useForm } from '../lib/use-form';
import { deleteSearch, loadSavedSearches, savedSearches, saveSearch } from '../state/search';
import { showToast } from '../state/toasts';
import { Dialog } from './dialog';
import { Field } from './fields';
import { Icon } from './icon';

/** Saves the current query, or removes it when it is saved. */
export function SaveSearch({ q }: { q: string }) {
  const [naming, setNaming] = useState(false);
  useEffect(() => {
    if (!savedSearches.value) void loadSavedSearches();
  }, []);
  const kept = savedSearches.value?.find((one) => one.query === q);
  return (
    <>
      <button
        type="button"
        class="button button-small"
        aria-pressed={Boolean(kept)}
        disabled={!savedSearches.value}
        onClick={() => (kept ? void deleteSearch(kept.id) : setNaming(true))}>
        <Icon name="bookmark" size={18} filled={Boolean(kept)} />
        {t(kept ? 'search.saved' : 'search.save')}
      </button>
      {naming && <NameSearch q={q} onClose={() => setNaming(false)} />}
    </>
  );
}

function NameSearch({ q, onClose }: { q: string; onClose: () => void }) {
  const [name, setName] = useState([...q].slice(0, 40).join(''));
  const { busy, error, submit } = useForm(async () => {
    await saveSearch(name, q);
    showToast(t('search.saveDone'));
    onClose();
  }, errorMessage);
  return (
    <Dialog title={t('search.save')} onClose={onClose} className="dialog-small">
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <Field label={t('search.saveName')} value={name} onValue={setName} error={error} maxLength={50} required />
        <p class="muted">
          <code class="query">{q}</code>
        </p>
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            {t('app.cancel')}
          </button>
          <button type="submit" class="button button-primary" disabled={busy || isBlank(name)}>
            {t('app.save')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** The list, on the page before a search. */
export function SavedSearches() {
  useEffect(() => {
    void loadSavedSearches();
  }, []);
  const found = savedSearches.value ?? [];
  if (found.length === 0) return null;
  return (
    <section class="saved" aria-labelledby="saved-title">
      <h2 id="saved-title">{t('search.savedSearches')}</h2>
      <ul>
        {found.map(({ id, name, query }) => (
          <li key={id}>
            <a href={`/search?q=${encodeURIComponent(query)}`}>
              <b>{name}</b>
              {name !== query && <span class="muted">{query}</span>}
            </a>
            <button
              type="button"
              class="icon-button"
              aria-label={t('search.deleteSaved', name)}
              onClick={() => void deleteSearch(id)}>
              <Icon name="trash" size={19} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
