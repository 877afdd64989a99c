import { useState } from 'preact/hooks';
import { t } from '../../i18n';
import { type ComposerTarget, closeComposer, composer } from '../../state/composer';
import { showError } from '../../state/toasts';
import { Dialog } from '../dialog';
import { Composer } from './composer';
import { keepDraft, LeaveDialog } from './leave-dialog';
import type { Leave } from './use-draft';

export function ComposerDialog() {
  const [leave, setLeave] = useState<Leave | null>(null);
  const [asking, setAsking] = useState(false);
  const open = composer.value;
  if (!open) return null;
  const { replyTo, start, quote } = open;
  const close = () => {
    setLeave(null);
    setAsking(false);
    closeComposer();
  };
  const ask = () => (leave ? setAsking(true) : close());
  /** Back on a phone is pressed casually: content that can be kept is kept without a question. */
  const back = () => {
    if (!leave) return close();
    if (!leave.keep) setAsking(true);
    else void keepDraft(leave.keep).then((kept) => (kept ? close() : setAsking(true)), showError);
    return false;
  };
  return (
    <Dialog title={titleOf(open)} onClose={ask} onBack={back} full>
      {replyTo && (
        <blockquote class="quoted">
          <b>
            <bdi>{replyTo.author.displayName}</bdi>
          </b>
          <p>{replyTo.text}</p>
        </blockquote>
      )}
      <Composer
        key={start?.editing?.id ?? start?.draft?.id ?? start?.scheduled?.id ?? quote?.id}
        replyTo={replyTo}
        start={start}
        quote={quote}
        autoFocus
        offersLive={!replyTo && !start && !quote}
        onDirty={(found) => setLeave(found)}
        onPosted={close}
      />
      {asking && leave && <LeaveDialog leave={leave} stay={() => setAsking(false)} close={close} />}
    </Dialog>
  );
}

function titleOf({ replyTo, start, quote }: ComposerTarget): string {
  if (start?.editing) return t('edit.title');
  if (start?.scheduled) return t('schedule.title');
  if (replyTo) return t('composer.replyLabel');
  return quote ? t('repost.quote') : t('composer.title');
}
