import { useState } from 'preact/hooks';
import { type CaseDetail, moderation } from '../../api/moderation';
import type { DecisionKind, ModerationReason, SubjectKind } from '../../api/types';
import { t } from '../../i18n';
import { errorMessage } from '../../i18n/errors';
import { useForm } from '../../lib/use-form';
import { showToast } from '../../state/toasts';
import { TextArea } from '../fields';
import { ReasonChoice } from '../report-dialog';

/** By kind and current measure: the possible decisions on the subject itself. */
const OWN: Partial<Record<SubjectKind, Partial<Record<CaseDetail['measure'], DecisionKind>>>> = {
  post: { none: 'hide', hidden: 'unhide' },
  live: { none: 'end' },
};

/** All possible decisions. On a post or a message, also those on its author. */
function choices(detail: CaseDetail): { decision: DecisionKind; person: boolean }[] {
  const about = (decision: DecisionKind, person = false) => ({ decision, person });
  const own = OWN[detail.kind]?.[detail.measure];
  const person = about(detail.ownerSuspended ? 'unsuspend' : 'suspend', true);
  return [...(own ? [about(own)] : []), person, ...(detail.open ? [about('dismiss')] : [])];
}

/** The decision on a case, its reason, and the message to the person concerned. */
export function DecisionForm({ detail, onDecided }: { detail: CaseDetail; onDecided: () => void }) {
  const [reason, setReason] = useState<ModerationReason>(detail.reason ?? detail.reportList[0]?.reason ?? 'other');
  const [comment, setComment] = useState('');
  const [chosen, setChosen] = useState<string>('');
  const form = useForm(async () => {
    const choice = choices(detail).find((one) => one.decision === chosen);
    if (!choice) return;
    const [kind, id] = choice.person
      ? (['person', detail.owner.id] as const)
      : ([detail.kind, detail.subjectId] as const);
    const body = { reason, comment: comment.trim() };
    await moderation.decide(kind, id, { ...body, decision: choice.decision });
    // The decision also closes the report; otherwise the case would remain open.
    if (choice.person && detail.kind !== 'person' && detail.open)
      await moderation.decide(detail.kind, detail.subjectId, { ...body, decision: 'dismiss' });
    showToast(t('moderation.done'));
    onDecided();
  }, errorMessage);
  return (
    <form class="stack" onSubmit={form.submit}>
      <fieldset class="reasons">
        <legend>{t('moderation.decision')}</legend>
        {choices(detail).map(({ decision }) => (
          <label key={decision}>
            <input
              type="radio"
              name="decision"
              required
              checked={chosen === decision}
              onChange={() => setChosen(decision)}
            />
            <span>{t(`moderation.decision.${decision}`)}</span>
          </label>
        ))}
      </fieldset>
      <ReasonChoice value={reason} onChange={setReason} />
      <TextArea label={t('moderation.comment')} maxLength={1000} value={comment} onValue={setComment} />
      {form.error && (
        <p class="form-error" role="alert">
          {form.error}
        </p>
      )}
      <button type="submit" class="button button-primary" disabled={form.busy || !chosen}>
        {t('moderation.decide')}
      </button>
    </form>
  );
}
