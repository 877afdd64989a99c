import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { MediaKind, Post, Visibility } from '../api/types';
import { profile } from '../auth/session';
import { t } from '../i18n';
import { graphemes } from '../lib/entities';
import { newId } from '../lib/id';
import { MAX_GRAPHEMES, send } from '../state/publish';
import { toast, toastError } from '../state/toasts';
import { ACCEPT, attach, kindOf, LIMITS, MEGABYTE, type Attachment } from '../state/uploads';
import { Attachments } from './attachments';
import { Avatar } from './avatar';
import { Counter } from './counter';
import { Icon, type IconName } from './icon';

interface Props {
  replyTo?: Post | null;
  onPosted?: (post: Post) => void;
  autoFocus?: boolean;
  /** Told whether there is something to lose. */
  onDirty?: (dirty: boolean) => void;
}

const VISIBILITIES: Visibility[] = ['public', 'unlisted', 'followers', 'mentioned'];
const PICKERS: readonly (readonly [MediaKind, IconName, 'composer.photo' | 'composer.video' | 'composer.audio'])[] = [
  ['photo', 'image', 'composer.photo'],
  ['video', 'film', 'composer.video'],
  ['audio', 'wave', 'composer.audio'],
];

export function Composer({ replyTo = null, onPosted, autoFocus = false, onDirty }: Props) {
  const text = useSignal('');
  const visibility = useSignal<Visibility>(replyTo?.visibility ?? 'public');
  const attachments = useSignal<Attachment[]>([]);
  const busy = useSignal(false);
  const clientPostId = useRef(newId());
  const field = useRef<HTMLTextAreaElement>(null);

  useEffect(() => () => attachments.peek().forEach((item) => item.cancel()), []);
  const length = graphemes(text.value.trim());
  const dirty = length > 0 || attachments.value.length > 0;
  useEffect(() => onDirty?.(dirty), [dirty]);

  const add = (files: Iterable<File>) => {
    for (const file of files) {
      const refusal = refuse(file, attachments.value);
      if (refusal) toast(refusal, { kind: 'error' });
      else attachments.value = [...attachments.value, attach(file, kindOf(file)!)];
    }
  };
  const remove = (item: Attachment) => {
    item.cancel();
    attachments.value = attachments.value.filter((other) => other !== item);
    field.current?.focus();
  };
  const failed = attachments.value.some((item) => item.state.value === 'failed' || item.state.value === 'rejected');
  const canPost = dirty && length <= MAX_GRAPHEMES && !failed && !busy.value;

  const submit = async () => {
    if (!canPost) return;
    busy.value = true;
    try {
      const post = await send({ clientPostId: clientPostId.current, text: text.value.trim(), attachments: attachments.value, visibility: visibility.value, replyTo });
      clientPostId.current = newId();
      attachments.value.forEach((item) => URL.revokeObjectURL(item.preview));
      text.value = '';
      attachments.value = [];
      toast(t('composer.posted'), { link: { href: `/posts/${post.id}`, label: t('composer.view') } });
      onPosted?.(post);
    } catch (error) {
      toastError(error);
    } finally {
      busy.value = false;
    }
  };

  const self = profile.value;
  return (
    <form class="composer" aria-label={replyTo ? t('composer.replyLabel') : t('composer.title')}
      onSubmit={(event) => { event.preventDefault(); void submit(); }}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => { event.preventDefault(); add(event.dataTransfer?.files ?? []); }}>
      {self && <Avatar of={self} />}
      <div class="composer-main">
        {replyTo && <p class="composer-reply muted">{t('composer.replyTo', replyTo.author.handle)}</p>}
        <div class="grow" data-value={text.value}>
          <textarea ref={field} rows={1} autofocus={autoFocus} value={text.value} disabled={busy.value} placeholder={replyTo ? t('composer.replyLabel') : t('composer.placeholder')}
            aria-label={replyTo ? t('composer.replyLabel') : t('composer.label')}
            onInput={(event) => (text.value = event.currentTarget.value)}
            onPaste={(event) => { const files = [...(event.clipboardData?.files ?? [])]; if (files.length) { event.preventDefault(); add(files); } }}
            onKeyDown={(event) => { if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) { event.preventDefault(); void submit(); } }} />
        </div>
        <Attachments items={attachments.value} remove={remove} />
        <div class="composer-foot">
          {PICKERS.map(([kind, icon, label]) => <FilePicker key={kind} kind={kind} icon={icon} label={t(label)} onPick={add} disabled={busy.value} />)}
          <select class="select-quiet" aria-label={t('composer.visibility')} value={visibility.value}
            onChange={(event) => (visibility.value = event.currentTarget.value as Visibility)}>
            {VISIBILITIES.map((value) => <option key={value} value={value}>{t(`visibility.${value}`)}</option>)}
          </select>
          <span class="spacer" />
          <Counter used={length} />
          <button type="submit" class="button button-primary" disabled={!canPost}>
            {busy.value ? t('composer.posting') : replyTo ? t('composer.reply') : t('composer.post')}
          </button>
        </div>
      </div>
    </form>
  );
}

/** Why a file cannot be added, or null. Up to four photos, or one video, or one audio file. */
function refuse(file: File, present: Attachment[]): string | null {
  const kind = kindOf(file);
  if (!kind) return t('composer.badType', file.name);
  if (file.size > LIMITS[kind]) return t('composer.tooBig', file.name, `${LIMITS[kind] / MEGABYTE} MB`);
  const full = kind === 'photo' ? present.length >= 4 || present.some((item) => item.kind !== 'photo') : present.length > 0;
  return full ? t('composer.tooMany') : null;
}

interface PickerProps {
  kind: MediaKind;
  icon: IconName;
  label: string;
  disabled: boolean;
  onPick: (files: Iterable<File>) => void;
}

function FilePicker({ kind, icon, label, disabled, onPick }: PickerProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class="icon-button" aria-label={label} title={label} disabled={disabled} onClick={() => input.current?.click()}><Icon name={icon} /></button>
      <input ref={input} type="file" hidden data-kind={kind} accept={ACCEPT[kind]} multiple={kind === 'photo'}
        onChange={(event) => { onPick([...(event.currentTarget.files ?? [])]); event.currentTarget.value = ''; }} />
    </>
  );
}
