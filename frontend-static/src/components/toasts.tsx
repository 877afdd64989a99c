import { t } from '../i18n';
import { dismissToast, toasts } from '../state/toasts';
import { Icon } from './icon';

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((toast) => (
        <div class={`toast toast-${toast.kind}`} key={toast.id}>
          <span>{toast.text}</span>
          {toast.link && (
            <a href={toast.link.href} onClick={() => dismissToast(toast.id)}>
              {toast.link.label}
            </a>
          )}
          <button type="button" class="icon-button" aria-label={t('app.close')} onClick={() => dismissToast(toast.id)}>
            <Icon name="close" size={16} />
          </button>
        </div>
      ))}
    </div>
  );
}
