import { useRef, useState } from 'preact/hooks';
import type { Author } from '../../api/types';
import { t } from '../../i18n';
import { isBlank } from '../../lib/blank';
import { newId } from '../../lib/id';
import { navigate } from '../../router';
import { createGroup, openConversationWith } from '../../state/conversations';
import { showError } from '../../state/toasts';
import { Dialog } from '../dialog';
import { Field } from '../fields';
import { PeoplePicker } from './people-picker';

const MAX_TITLE = 80;

/** Selecting one person starts a direct conversation, several start a group. */
export function NewChat({ onClose }: { onClose: () => void }) {
  const [chosen, setChosen] = useState<Author[]>([]);
  const [title, setTitle] = useState('');
  const [busy, setBusy] = useState(false);
  const clientId = useRef(newId());
  const group = chosen.length > 1 || !isBlank(title);
  const ready = chosen.length > 0 && (!group || !isBlank(title)) && !busy;
  const begin = async (event: Event) => {
    event.preventDefault();
    if (!ready) return;
    setBusy(true);
    try {
      const id = group
        ? await createGroup(
            title.trim(),
            chosen.map((one) => one.id),
            clientId.current,
          )
        : await openConversationWith(chosen[0]!.id);
      onClose();
      navigate(`/messages/${id}`);
    } catch (error) {
      showError(error);
      setBusy(false);
    }
  };
  return (
    <Dialog title={t('chat.new')} onClose={onClose} full>
      <form class="new-chat" onSubmit={(event) => void begin(event)}>
        <p class="muted">{t('chat.newHint')}</p>
        {chosen.length > 0 && (
          <Field
            label={t('chat.groupTitle')}
            value={title}
            onValue={setTitle}
            maxLength={MAX_TITLE}
            hint={chosen.length === 1 ? t('chat.groupTitleHint') : undefined}
            required={chosen.length > 1}
          />
        )}
        <PeoplePicker chosen={chosen} setChosen={setChosen} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            {t('app.cancel')}
          </button>
          <button type="submit" class="button button-primary" disabled={!ready}>
            {group ? t('chat.createGroup') : t('chat.start')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
