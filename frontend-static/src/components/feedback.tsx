/** Small status components: spinner, skeleton, empty and error states. */
import type { ComponentChildren } from 'preact';
import { t } from '../i18n';
import { errorMessage } from '../i18n/errors';
import { Icon, type IconName } from './icon';

export function Spinner({ label = t('app.loading') }: { label?: string }) {
  return <span class="spinner" role="status" aria-label={label} />;
}

export function PostSkeleton({ count = 4 }: { count?: number }) {
  return (
    <div role="status" aria-label={t('app.loading')}>
      {Array.from({ length: count }, (_, index) => (
        <div class="skeleton-post" key={index} aria-hidden="true">
          <span class="bone bone-avatar" />
          <span class="skeleton-lines">
            <span class="bone" style={{ inlineSize: '38%' }} />
            <span class="bone" style={{ inlineSize: '92%' }} />
            <span class="bone" style={{ inlineSize: `${55 + ((index * 17) % 30)}%` }} />
          </span>
        </div>
      ))}
    </div>
  );
}

export function Empty({
  icon,
  title,
  hint,
  children,
}: {
  icon: IconName;
  title: string;
  hint?: string;
  children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <span class="empty-mark">
        <Icon name={icon} size={30} />
      </span>
      <h2>{title}</h2>
      {hint && <p>{hint}</p>}
      {children}
    </div>
  );
}

export function Failure({ error, retry, title }: { error: unknown; retry?: () => void; title?: string }) {
  return (
    <div class="empty" role="alert">
      <span class="empty-mark is-warning">
        <Icon name="alert" size={30} />
      </span>
      <h2>{title ?? errorMessage(error)}</h2>
      {title && <p>{errorMessage(error)}</p>}
      {retry && (
        <button type="button" class="button" onClick={retry}>
          {t('app.retry')}
        </button>
      )}
    </div>
  );
}
