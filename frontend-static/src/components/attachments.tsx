import { t } from '../i18n';
import type { Attachment } from '../state/uploads';
import { Icon } from './icon';

/** Previews of what will be posted, each with its state, description and a way to take it back. */
export function Attachments({ items, remove }: { items: Attachment[]; remove: (attachment: Attachment) => void }) {
  if (items.length === 0) return null;
  return (
    <ul class="attachments">
      {items.map((item) => <li key={item.id}><AttachmentCard item={item} remove={() => remove(item)} /></li>)}
    </ul>
  );
}

function AttachmentCard({ item, remove }: { item: Attachment; remove: () => void }) {
  const failed = item.state.value === 'failed' || item.state.value === 'rejected';
  return (
    <div class={`attachment ${failed ? 'is-failed' : ''}`} data-state={item.state.value}>
      <div class="attachment-preview">
        <Preview item={item} />
        <button type="button" class="icon-button attachment-remove" aria-label={t('composer.remove', item.file.name)} onClick={remove}><Icon name="close" size={16} /></button>
      </div>
      <div class="attachment-side">
        <AttachmentState item={item} />
        <input class="input input-small" type="text" maxLength={1000} placeholder={t('composer.altHint')} aria-label={t('composer.altFor', item.file.name)}
          value={item.altText.value} onInput={(event) => (item.altText.value = event.currentTarget.value)} />
      </div>
    </div>
  );
}

function Preview({ item }: { item: Attachment }) {
  if (item.kind === 'photo') return <img src={item.preview} alt={item.altText.value || item.file.name} />;
  if (item.kind === 'video') return <video src={item.preview} muted playsInline preload="metadata" aria-label={item.file.name} />;
  return <span class="attachment-audio"><Icon name="wave" size={28} /></span>;
}

function AttachmentState({ item }: { item: Attachment }) {
  const percent = Math.round(item.progress.value * 100);
  switch (item.state.value) {
    case 'uploading':
      return (
        <div class="attachment-state">
          <span class="muted">{t('composer.uploading', percent)}</span>
          <progress max={100} value={percent} aria-label={t('composer.uploading', percent)} />
        </div>
      );
    case 'processing':
      return <div class="attachment-state"><span class="muted">{t('composer.processing')}</span><progress aria-label={t('composer.processing')} /></div>;
    case 'ready':
      return <div class="attachment-state is-ready"><Icon name="check" size={15} /> {t('composer.ready')}</div>;
    case 'rejected':
      return <div class="attachment-state is-error" role="alert">{t('composer.rejected')} {reasonOf(item.reason.value)}</div>;
    case 'failed':
      return (
        <div class="attachment-state is-error" role="alert">
          {t('composer.uploadFailed')} <button type="button" class="link-button" onClick={() => item.retry()}>{t('app.retry')}</button>
        </div>
      );
  }
}

const REASONS = ['type-mismatch', 'too-large', 'unreadable', 'too-many-pixels', 'no-video', 'no-audio', 'wrong-duration'] as const;

/** Why the server refused the file. */
function reasonOf(reason: string): string {
  const known = REASONS.find((one) => one === reason);
  return known ? t(`composer.reason.${known}`) : '';
}
