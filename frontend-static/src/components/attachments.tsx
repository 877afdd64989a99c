import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { t } from '../i18n';
import { type Attachment, isShownLater, moveAttachment, saveDescription } from '../state/uploads';
import { Icon } from './icon';

interface Props {
  items: Attachment[];
  remove: (attachment: Attachment) => void;
  /** Moves an attachment to another position. */
  arrange: (items: Attachment[]) => void;
}

/** Previews of the attachments, each with its state, description, position and a remove button. */
export function Attachments({ items, remove, arrange }: Props) {
  const list = useRef<HTMLUListElement>(null);
  const said = useSignal('');
  const now = useRef(items);
  now.current = items;
  if (items.length === 0) return null;
  const place = (item: Attachment, to: number): void => {
    if (to < 0 || to >= now.current.length || now.current.indexOf(item) === to) return;
    arrange(moveAttachment(now.current, item, to));
    said.value = t('composer.movedTo', to + 1, now.current.length);
  };
  /** With a button: it keeps the focus, or passes it to its neighbour at the end of the list. */
  const step = (item: Attachment, by: -1 | 1): void => {
    place(item, now.current.indexOf(item) + by);
    requestAnimationFrame(() => {
      const buttons = list.current?.querySelectorAll<HTMLButtonElement>(
        `[data-attachment="${item.id}"] .attachment-move`,
      );
      const same = buttons?.[by < 0 ? 0 : 1];
      (same?.disabled ? buttons?.[by < 0 ? 1 : 0] : same)?.focus();
    });
  };
  /** By finger or mouse: the attachment follows the pointer until it is released. */
  const drag =
    (item: Attachment) =>
    (event: PointerEvent): void => {
      if (event.button !== 0 || now.current.length < 2) return;
      event.preventDefault();
      const over = ({ clientY }: PointerEvent): void => {
        const rows = [...(list.current?.children ?? [])].map((row) => row.getBoundingClientRect());
        const to = rows.findIndex(({ bottom }) => clientY < bottom);
        place(item, to < 0 ? rows.length - 1 : to);
      };
      const row = list.current?.querySelector(`[data-attachment="${item.id}"]`);
      const end = (): void => {
        removeEventListener('pointermove', over);
        for (const name of ['pointerup', 'pointercancel']) removeEventListener(name, end);
        row?.classList.remove('is-dragged');
      };
      row?.classList.add('is-dragged');
      addEventListener('pointermove', over);
      for (const name of ['pointerup', 'pointercancel']) addEventListener(name, end);
    };
  return (
    <>
      <ul class="attachments" ref={list}>
        {items.map((item, at) => (
          <li key={item.id} data-attachment={item.id}>
            <AttachmentCard
              item={item}
              at={at}
              total={items.length}
              remove={() => remove(item)}
              step={(by) => step(item, by)}
              drag={drag(item)}
            />
          </li>
        ))}
      </ul>
      <p class="visually-hidden" role="status">
        {said.value}
      </p>
    </>
  );
}

interface CardProps {
  item: Attachment;
  at: number;
  total: number;
  remove: () => void;
  step: (by: -1 | 1) => void;
  drag: (event: PointerEvent) => void;
}

function AttachmentCard({ item, at, total, remove, step, drag }: CardProps) {
  const failed = item.state.value === 'failed' || item.state.value === 'rejected';
  const name = item.altText.value || item.file.name;
  return (
    <div class={`attachment ${failed ? 'is-failed' : ''}`} data-state={item.state.value}>
      <div class={`attachment-preview ${total > 1 ? 'is-movable' : ''}`} onPointerDown={drag}>
        <Preview item={item} />
        <button
          type="button"
          class="icon-button attachment-remove"
          aria-label={t('composer.remove', item.file.name)}
          onPointerDown={(event) => event.stopPropagation()}
          onClick={remove}>
          <Icon name="close" size={16} />
        </button>
      </div>
      <div class="attachment-side">
        <div class="attachment-line">
          <AttachmentState item={item} />
          {total > 1 && (
            <span class="attachment-moves">
              <button
                type="button"
                class="icon-button attachment-move"
                disabled={at === 0}
                aria-label={t('composer.moveUp', name)}
                title={t('composer.moveUpShort')}
                onClick={() => step(-1)}>
                <Icon name="up" size={17} />
              </button>
              <button
                type="button"
                class="icon-button attachment-move"
                disabled={at === total - 1}
                aria-label={t('composer.moveDown', name)}
                title={t('composer.moveDownShort')}
                onClick={() => step(1)}>
                <Icon name="down" size={17} />
              </button>
            </span>
          )}
        </div>
        <input
          class="input input-small"
          type="text"
          maxLength={1000}
          placeholder={t('composer.altHint')}
          aria-label={t('composer.altFor', item.file.name)}
          value={item.altText.value}
          onInput={(event) => (item.altText.value = event.currentTarget.value)}
          onBlur={() => void saveDescription(item).catch(() => undefined)}
        />
      </div>
    </div>
  );
}

function Preview({ item }: { item: Attachment }) {
  if (item.kind === 'photo' && isShownLater(item.file) && item.state.value !== 'ready')
    return (
      <span class="attachment-audio">
        <Icon name="image" size={28} />
      </span>
    );
  if (item.kind === 'photo')
    return (
      <img
        src={isShownLater(item.file) ? (item.media.value?.thumbnailUrl ?? item.preview) : item.preview}
        draggable={false}
        alt={item.altText.value || item.file.name}
      />
    );
  if (item.kind === 'video')
    return <video src={item.preview} muted playsInline preload="metadata" aria-label={item.file.name} />;
  return (
    <span class="attachment-audio">
      <Icon name="wave" size={28} />
    </span>
  );
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
      return (
        <div class="attachment-state">
          <span class="muted">{t('composer.processing')}</span>
          <progress aria-label={t('composer.processing')} />
        </div>
      );
    case 'ready':
      return (
        <div class="attachment-state is-ready">
          <Icon name="check" size={15} /> {t('composer.ready')}
        </div>
      );
    case 'rejected':
      return (
        <div class="attachment-state is-error" role="alert">
          {t('composer.rejected')} {reasonOf(item.reason.value)}
        </div>
      );
    case 'failed':
      return (
        <div class="attachment-state is-error" role="alert">
          {t('composer.uploadFailed')}{' '}
          <button type="button" class="link-button" onClick={() => item.retry()}>
            {t('app.retry')}
          </button>
        </div>
      );
  }
}

const REASONS = [
  'type-mismatch',
  'too-large',
  'unreadable',
  'too-many-pixels',
  'no-video',
  'no-audio',
  'replaced',
  'wrong-duration',
] as const;

/** The server's reason for refusing the file. */
function reasonOf(reason: string): string {
  const known = REASONS.find((one) => one === reason);
  return known ? t(`composer.reason.${known}`) : '';
}
