/** The draft of what is being written: saved while one writes, forgotten once it is posted. */
import { useEffect, useLayoutEffect, useMemo } from 'preact/hooks';
import { session, subject } from '../../auth/session';
import { createAutosave } from '../../state/autosave';
import type { ComposerStart } from '../../state/composer';
import { currentContent, type PostForm } from '../../state/publish';
import { keepUntilSaved, registerWriter, type Unsent } from '../../state/unsent';
import { isDirty } from './checks';
import type { Fields } from './fields';

/** How to leave what was written. */
export interface Leave {
  /** Whether it was kept; absent where nothing can be: an edit, a scheduled post. */
  keep?: () => Promise<boolean>;
  discard: () => Promise<void>;
}

export function useDraft(
  fields: Fields,
  form: () => PostForm,
  start: ComposerStart | null,
  onDirty?: (leave: Leave | null) => void,
) {
  const autosave = useMemo(() => createAutosave(() => currentContent(form()), start?.draft ?? null), []);
  const hasDraft = !start?.editing && !start?.scheduled;
  const dirty = isDirty(fields, start);
  useEffect(() => {
    if (hasDraft) autosave.touch();
  }, contentOf(fields));
  // With the change, not after it was painted: Escape may come at once.
  useLayoutEffect(() => {
    onDirty?.(dirty ? { discard: autosave.forget, ...(hasDraft ? { keep: autosave.keep } : {}) } : null);
  }, [dirty]);
  useEffect(() => {
    if (!hasDraft) return autosave.stop;
    const unsent = (): Unsent | null => {
      const content = currentContent(form());
      const draft = autosave.draft();
      return content && { content, ...(draft ? { draft } : {}) };
    };
    // The autosave waits for a pause in writing: who leaves before it takes the last words along.
    const saveRest = async () => {
      const rest = autosave.isBehind() && session.peek() !== 'out' ? unsent() : null;
      const saved = rest ? autosave.keep() : Promise.resolve(true);
      if (rest) keepUntilSaved(subject.peek(), rest, saved);
      await saved;
    };
    const onLeave = () => void saveRest();
    const forgetWriter = registerWriter(unsent);
    addEventListener('pagehide', onLeave);
    return () => {
      forgetWriter();
      removeEventListener('pagehide', onLeave);
      void saveRest().finally(autosave.stop);
    };
  }, []);
  return autosave;
}

/** What a draft is saved after a change of. */
function contentOf({ text, visibility, poll, warning, sensitive, replyPolicy, attachments }: Fields): unknown[] {
  const media = attachments.value.map((item) => `${item.id} ${item.state.value}`).join();
  return [text.value, visibility.value, poll.value, warning.value, sensitive.value, replyPolicy.value, media];
}
