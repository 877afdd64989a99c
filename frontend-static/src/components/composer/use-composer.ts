/** The composer's logic: accepts files, keeps a draft, sends. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Post } from '../../api/types';
import { newId } from '../../lib/id';
import type { ComposerStart } from '../../state/composer';
import type { Attachment } from '../../state/uploads';
import { canSubmit } from './checks';
import { clearFields, type Fields, formOf, useFields } from './fields';
import { showSubmitError, submitForm } from './submit';
import { type Leave, useDraft } from './use-draft';

export interface ComposerOptions {
  replyTo: Post | null;
  quote: Post | null;
  /** The initial content: an edit, a draft, a scheduled post. */
  start: ComposerStart | null;
  onPosted?: () => void;
  /** Called with the unsaved content, or null. */
  onDirty?: (leave: Leave | null) => void;
}

export function useComposer({ replyTo, quote, start, onPosted, onDirty }: ComposerOptions) {
  const fields = useFields(start, replyTo);
  const busy = useSignal(false);
  const clientPostId = useRef(newId());
  const form = () => formOf(fields, { clientPostId: clientPostId.current, replyTo, quote });
  const draft = useDraft(fields, form, start, onDirty);
  useEffect(() => () => fields.attachments.peek().forEach((item) => item.cancel()), []);

  const canSend = canSubmit(fields, start) && !busy.value;
  const send = async () => {
    if (!canSend) return;
    busy.value = true;
    try {
      await submitForm(form(), start, fields.publishAt.peek());
      draft.forget().catch(() => undefined);
      clientPostId.current = newId();
      clearFields(fields);
      onPosted?.();
    } catch (error) {
      showSubmitError(error, start);
    } finally {
      busy.value = false;
    }
  };
  return { fields, isBusy: busy.value, canSend, send, draftState: draft.state };
}

export function removeAttachment({ attachments }: Fields, item: Attachment): void {
  item.cancel();
  attachments.value = attachments.value.filter((other) => other !== item);
}
