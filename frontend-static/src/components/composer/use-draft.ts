/** The draft of the current content: saved during writing, deleted after posting. */
import { useEffect, useLayoutEffect, useMemo } from 'preact/hooks';
import { session, subject } from '../../auth/session';
import { createAutosave } from '../../state/autosave';
import type { ComposerStart } from '../../state/composer';
import { currentContent, type PostForm } from '../../state/publish';
import { keepUntilSaved, registerWriter, type Unsent } from '../../state/unsent';
import { isDirty } from './checks';
import type { Fields } from './fields';

/** The ways to leave unsent content. */
export interface Leave {
  /** Resolves with whether the draft was kept; absent if no draft is possible: an edit, a scheduled post. */
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
  // In a layout effect, before paint: Escape may come at once.
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
    // The autosave waits for a pause in typing: on leaving earlier, the remaining text is saved here.
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

/** A change of any of these saves the draft. */
function contentOf({ text, visibility, poll, warning, sensitive, replyPolicy, attachments }: Fields): unknown[] {
  const media = attachments.value.map((item) => `${item.id} ${item.state.value}`).join();
  return [text.value, visibility.value, poll.value, warning.value, sensitive.value, replyPolicy.value, media];
}
