import { useId, useState } from 'preact/hooks';
import { moderation } from '../api/moderation';
import { type ModerationReason, REASONS } from '../api/types';
import { t } from '../i18n';
import { errorMessage } from '../i18n/errors';
import { useForm } from '../lib/use-form';
import { type ReportSubject, reportSubject } from '../state/reporting';
import { showToast } from '../state/toasts';
import { Dialog } from './dialog';
import { TextArea } from './fields';

export function ReportDialog() {
  const subject = reportSubject.value;
  return subject && <ReportForm key={`${subject.kind}:${subject.id}`} subject={subject} />;
}

function ReportForm({ subject }: { subject: ReportSubject }) {
  const [reason, setReason] = useState<ModerationReason | null>(null);
  const [comment, setComment] = useState('');
  const close = () => (reportSubject.value = null);
  const form = useForm(async () => {
    if (!reason) return;
    const { again } = await moderation.report({
      kind: subject.kind,
      subjectId: subject.id,
      reason,
      comment: comment.trim(),
    });
    close();
    showToast(again ? t('report.again') : t('report.done'));
  }, errorMessage);
  return (
    <Dialog title={t(`report.title.${subject.kind}`)} onClose={close}>
      <form class="stack" onSubmit={form.submit}>
        <p class="muted">{t('report.lead', subject.name)}</p>
        <ReasonChoice value={reason} onChange={setReason} />
        <TextArea label={t('report.comment')} maxLength={1000} value={comment} onValue={setComment} />
        {form.error && (
          <p class="form-error" role="alert">
            {form.error}
          </p>
        )}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            {t('app.cancel')}
          </button>
          <button type="submit" class="button button-danger" disabled={form.busy || !reason}>
            {t('report.send')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** One entry of the reasons; also used for decisions. */
export function ReasonChoice({
  value,
  onChange,
}: {
  value: ModerationReason | null;
  onChange: (reason: ModerationReason) => void;
}) {
  const name = useId();
  return (
    <fieldset class="reasons">
      <legend>{t('report.reason')}</legend>
      {REASONS.map((reason) => (
        <label key={reason}>
          <input type="radio" name={name} required checked={value === reason} onChange={() => onChange(reason)} />
          <span>{t(`moderation.reason.${reason}`)}</span>
        </label>
      ))}
    </fieldset>
  );
}
