/** Problems of a query: the unreadable part, unknown handles, words that look like operators. */
import { ApiError } from '../api/problem';
import { isKey, t } from '../i18n';
import { unknownOperators } from '../lib/query';
import { Empty } from './feedback';

/** The part that the server named; null for other errors. */
export function explainFault(error: unknown) {
  const fault =
    error instanceof ApiError ? error.fields.find(({ field, reason }) => field === 'q' && reason) : undefined;
  const key = `search.fault.${fault?.reason}`;
  if (!fault || !isKey(key)) return null;
  return (
    <div role="alert">
      <Empty icon="alert" title={t('search.faultTitle', fault.got)} hint={t(key as 'search.fault.date')} />
    </div>
  );
}

export function NoneOfThem({ handles }: { handles: string[] }) {
  if (handles.length === 0) return null;
  return (
    <p class="search-note" role="alert">
      {t('search.unknownHandles', handles.map((one) => `@${one}`).join(', '))}
    </p>
  );
}

/** The words were searched as plain text, which may not be intended. */
export function Misread({ q }: { q: string }) {
  const [name] = unknownOperators(q);
  return name ? <p class="search-note">{t('search.unknownOperator', `${name}:`)}</p> : null;
}
