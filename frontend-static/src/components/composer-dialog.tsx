import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { closeComposer, composer } from '../state/composer';
import { showError, showToast } from '../state/toasts';
import { Composer, type Leave } from './composer';
import { Dialog } from './dialog';

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
  /** A phone's Back is pressed in passing: what can be kept is kept without a question. */
  const back = () => {
    if (!leave) return close();
    if (!leave.keep) setAsking(true);
    else void keepDraft(leave.keep).then((kept) => (kept ? close() : setAsking(true)), showError);
    return false;
  };
  const title = start?.editing
    ? t('edit.title')
    : start?.scheduled
      ? t('schedule.title')
      : replyTo
        ? t('composer.replyLabel')
        : quote
          ? t('repost.quote')
          : t('composer.title');
  return (
    <Dialog title={title} onClose={ask} onBack={back} full>
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
        onDirty={(found) => setLeave(found)}
        onPosted={close}
      />
      {asking && leave && <LeaveDialog leave={leave} stay={() => setAsking(false)} close={close} />}
    </Dialog>
  );
}

async function keepDraft(keep: () => Promise<boolean>): Promise<boolean> {
  const kept = await keep();
  if (kept) showToast(t('drafts.saved'), { link: { href: '/drafts', label: t('drafts.title') } });
  else showToast(t('drafts.failed'), { kind: 'error' });
  return kept;
}

function LeaveDialog({ leave, stay, close }: { leave: Leave; stay: () => void; close: () => void }) {
  const [busy, setBusy] = useState(false);
  const run = (action: () => Promise<unknown>) => async () => {
    setBusy(true);
    try {
      if ((await action()) === false) setBusy(false);
      else close();
    } catch (error) {
      showError(error);
      setBusy(false);
    }
  };
  return (
    <Dialog title={t('drafts.leaveConfirm')} onClose={stay} className="dialog-small">
      {leave.keep && <p class="muted">{t('drafts.leaveConfirmHint')}</p>}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={stay}>
          {t('app.cancel')}
        </button>
        <button type="button" class="button button-danger" disabled={busy} onClick={() => void run(leave.discard)()}>
          {t('drafts.discard')}
        </button>
        {leave.keep && (
          <button
            type="button"
            class="button button-primary"
            disabled={busy}
            onClick={() => void run(() => keepDraft(leave.keep!))()}>
            {t('drafts.keep')}
          </button>
        )}
      </div>
    </Dialog>
  );
}
