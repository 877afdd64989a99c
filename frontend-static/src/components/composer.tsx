import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { api } from '../api';
import type { NewPoll } from '../api/authoring';
import type { ReplyPolicy } from '../api/post-types';
import { ApiError } from '../api/problem';
import type { Media, MediaKind, Post, Visibility } from '../api/types';
import { profile } from '../auth/session';
import { t } from '../i18n';
import { graphemes } from '../lib/entities';
import { newId, newUlid } from '../lib/id';
import { completePoll, emptyPoll } from '../lib/new-poll';
import { isSchedulable, toLocalInput } from '../lib/schedule';
import { fullTime } from '../lib/time';
import { type AutosaveState, createAutosave } from '../state/autosave';
import type { ComposerStart } from '../state/composer';
import { cancelScheduledPost, loadScheduledPosts } from '../state/drafts';
import { currentContent, MAX_GRAPHEMES, publishPost, savePostEdit, waitForContent } from '../state/publish';
import { showError, showToast } from '../state/toasts';
import {
  ACCEPTED_TYPES,
  type Attachment,
  attachFile,
  attachMedia,
  MEGABYTE,
  mediaKindOf,
  UPLOAD_LIMITS,
} from '../state/uploads';
import { Attachments } from './attachments';
import { Avatar } from './avatar';
import { PolicySelect, QuotePreview, SensitiveBox, WARNING_LIMIT, WarningField } from './composer-options';
import { Counter } from './counter';
import { Icon, type IconName } from './icon';
import { PollEditor } from './poll-editor';
import { SchedulePicker } from './schedule-picker';

interface Props {
  replyTo?: Post | null;
  quote?: Post | null;
  /** What to begin with: an edit, a draft, a scheduled post. */
  start?: ComposerStart | null;
  onPosted?: () => void;
  autoFocus?: boolean;
  /** Told what there is to lose, if anything. */
  onDirty?: (leave: Leave | null) => void;
}

/** How to leave what was written. */
export interface Leave {
  /** Whether it was kept; absent where nothing can be: an edit, a scheduled post. */
  keep?: () => Promise<boolean>;
  discard: () => Promise<void>;
}

const VISIBILITIES: Visibility[] = ['public', 'unlisted', 'followers', 'mentioned'];
const PICKERS: readonly (readonly [
  MediaKind,
  IconName,
  'composer.add.photo' | 'composer.add.video' | 'composer.add.audio',
])[] = [
  ['photo', 'image', 'composer.add.photo'],
  ['video', 'film', 'composer.add.video'],
  ['audio', 'wave', 'composer.add.audio'],
];

export function Composer({ replyTo = null, quote = null, start = null, onPosted, autoFocus = false, onDirty }: Props) {
  const editing = start?.editing ?? null;
  const waiting = start?.scheduled ?? null;
  const text = useSignal(start?.content.text ?? '');
  const visibility = useSignal<Visibility>(start?.content.visibility ?? replyTo?.visibility ?? 'public');
  const attachments = useSignal<Attachment[]>(useMemo(() => (start?.media ?? []).map(attachMedia), []));
  const poll = useSignal<NewPoll | null>(start?.content.poll ?? null);
  const warning = useSignal<string | null>(start?.content.contentWarning ?? replyTo?.contentWarning ?? null);
  const sensitive = useSignal(start?.content.sensitive ?? false);
  const replyPolicy = useSignal<ReplyPolicy>(start?.content.replyPolicy ?? 'everyone');
  const when = useSignal(
    waiting ? toLocalInput(Math.max(new Date(waiting.publishAt).getTime(), Date.now() + 5 * 60_000)) : '',
  );
  const busy = useSignal(false);
  const clientPostId = useRef(newId());
  const field = useRef<HTMLTextAreaElement>(null);
  const form = () => ({
    clientPostId: clientPostId.current,
    text: text.peek().trim(),
    attachments: attachments.peek(),
    visibility: visibility.peek(),
    replyTo,
    poll: poll.peek(),
    quote,
    contentWarning: warning.peek() ?? '',
    replyPolicy: replyPolicy.peek(),
    sensitive: sensitive.peek(),
  });
  const autosave = useMemo(() => createAutosave(() => currentContent(form()), start?.draft ?? null), []);

  useEffect(
    () => () => {
      autosave.stop();
      attachments.peek().forEach((item) => item.cancel());
    },
    [],
  );
  const length = graphemes(text.value.trim());
  const hasContent = length > 0 || attachments.value.length > 0;
  const changed =
    !start ||
    text.value.trim() !== (start.content.text ?? '') ||
    (warning.value ?? '').trim() !== (start.content.contentWarning ?? '') ||
    sensitive.value !== (start.content.sensitive ?? false) ||
    !sameMedia(start.media, attachments.value) ||
    Boolean(waiting) ||
    Boolean(start.draft);
  const leave = (hasContent || poll.value !== null) && changed;
  const ready = attachments.value.map((item) => `${item.id} ${item.state.value}`).join();
  useEffect(() => {
    if (!editing && !waiting) autosave.touch();
  }, [text.value, visibility.value, poll.value, warning.value, sensitive.value, replyPolicy.value, ready]);
  useEffect(() => {
    onDirty?.(leave ? { discard: autosave.forget, ...(editing || waiting ? {} : { keep: autosave.keep }) } : null);
  }, [leave]);

  const add = (files: Iterable<File>) => {
    for (const file of files) {
      const refusal = refuse(file, attachments.value);
      if (refusal) showToast(refusal, { kind: 'error' });
      else attachments.value = [...attachments.value, attachFile(file, mediaKindOf(file)!)];
    }
  };
  const remove = (item: Attachment) => {
    item.cancel();
    attachments.value = attachments.value.filter((other) => other !== item);
    field.current?.focus();
  };
  const failed = attachments.value.some((item) => item.state.value === 'failed' || item.state.value === 'rejected');
  const pollFits = poll.value === null || (completePoll(poll.value) !== null && length > 0);
  const timeFits = when.value === '' || isSchedulable(when.value);
  const canPost =
    hasContent &&
    changed &&
    length <= MAX_GRAPHEMES &&
    pollFits &&
    timeFits &&
    graphemes((warning.value ?? '').trim()) <= WARNING_LIMIT &&
    !failed &&
    !busy.value;

  const publish = async () => {
    const sent = { ...form(), poll: poll.value && completePoll(poll.value) };
    if (editing) {
      await savePostEdit(editing, sent);
      showToast(t('edit.saved'));
    } else if (when.value) {
      const publishAt = new Date(when.value).toISOString();
      const body = { publishAt, post: await waitForContent(sent), ...(waiting ? { version: waiting.version } : {}) };
      await api.schedulePost(waiting?.id ?? newUlid(), body);
      showToast(t('schedule.done', fullTime(publishAt)), {
        link: { href: '/drafts/scheduled', label: t('schedule.view') },
      });
      void loadScheduledPosts();
    } else {
      const post = await publishPost(sent);
      if (waiting) await cancelScheduledPost(waiting.id);
      showToast(t('composer.posted'), { link: { href: `/posts/${post.id}`, label: t('composer.view') } });
    }
  };
  const submit = async () => {
    if (!canPost) return;
    busy.value = true;
    try {
      await publish();
      autosave.forget().catch(() => undefined);
      clientPostId.current = newId();
      attachments.value.forEach((item) => URL.revokeObjectURL(item.preview));
      [text.value, attachments.value, poll.value, when.value, warning.value, replyPolicy.value, sensitive.value] = [
        '',
        [],
        null,
        '',
        null,
        'everyone',
        false,
      ];
      onPosted?.();
    } catch (error) {
      if (editing && error instanceof ApiError && error.status === 409) showToast(t('edit.stale'), { kind: 'error' });
      else showError(error);
    } finally {
      busy.value = false;
    }
  };

  const self = profile.value;
  return (
    <form
      class="composer"
      aria-label={replyTo ? t('composer.replyLabel') : t('composer.title')}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        add(event.dataTransfer?.files ?? []);
      }}>
      {self && <Avatar of={self} />}
      <div class="composer-main">
        {replyTo && <p class="composer-reply muted">{t('composer.replyTo', replyTo.author.handle)}</p>}
        {warning.value !== null && (
          <WarningField value={warning.value} change={(value) => (warning.value = value)} disabled={busy.value} />
        )}
        <div class="grow" data-value={text.value}>
          <textarea
            ref={field}
            rows={1}
            autofocus={autoFocus}
            value={text.value}
            disabled={busy.value}
            placeholder={replyTo ? t('composer.replyLabel') : t('composer.placeholder')}
            aria-label={replyTo ? t('composer.replyLabel') : t('composer.label')}
            onInput={(event) => (text.value = event.currentTarget.value)}
            onPaste={(event) => {
              const files = [...(event.clipboardData?.files ?? [])];
              if (files.length) {
                event.preventDefault();
                add(files);
              }
            }}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) {
                event.preventDefault();
                void submit();
              }
            }}
          />
        </div>
        <Attachments items={attachments.value} remove={remove} arrange={(items) => (attachments.value = items)} />
        {attachments.value.some((item) => item.kind !== 'audio') && (
          <SensitiveBox checked={sensitive.value} change={(on) => (sensitive.value = on)} disabled={busy.value} />
        )}
        {quote && <QuotePreview post={quote} />}
        {poll.value && (
          <PollEditor
            poll={poll.value}
            change={(next) => (poll.value = next)}
            remove={() => (poll.value = null)}
            disabled={busy.value}
          />
        )}
        {poll.value && !completePoll(poll.value) && <p class="field-hint">{t('poll.incomplete')}</p>}
        {when.value && (
          <SchedulePicker
            value={when.value}
            change={(value) => (when.value = value)}
            clear={() => (when.value = '')}
            disabled={busy.value}
          />
        )}
        {editing && <p class="field-hint">{t(editing.poll ? 'edit.keepsPoll' : 'edit.keeps')}</p>}
        <div class="composer-who">
          {!editing && (
            <>
              <Icon name={visibility.value === 'public' ? 'globe' : 'lock'} size={17} />
              <select
                class="select-quiet"
                aria-label={t('composer.visibility')}
                value={visibility.value}
                disabled={busy.value}
                onChange={(event) => (visibility.value = event.currentTarget.value as Visibility)}>
                {VISIBILITIES.map((value) => (
                  <option key={value} value={value}>
                    {t(`post.visibility.${value}`)}
                  </option>
                ))}
              </select>
              {!replyTo && (
                <PolicySelect
                  value={replyPolicy.value}
                  change={(value) => (replyPolicy.value = value)}
                  disabled={busy.value}
                />
              )}
            </>
          )}
          <span class="spacer" />
          <Counter used={length} />
        </div>
        <div class="composer-foot">
          {PICKERS.map(([kind, icon, label]) => (
            <FilePicker key={kind} kind={kind} icon={icon} label={t(label)} onPick={add} disabled={busy.value} />
          ))}
          <Tool
            icon="alert"
            label={t(warning.value === null ? 'warning.add' : 'warning.remove')}
            on={warning.value !== null}
            disabled={busy.value}
            act={() => (warning.value = warning.value === null ? '' : null)}
          />
          {!editing && (
            <>
              <Tool
                icon="poll"
                label={poll.value ? t('poll.remove') : t('poll.add')}
                on={poll.value !== null}
                disabled={busy.value}
                act={() => (poll.value = poll.value ? null : emptyPoll())}
              />
              <Tool
                icon="clock"
                label={when.value ? t('schedule.clear') : t('schedule.add')}
                on={when.value !== ''}
                disabled={busy.value}
                act={() => (when.value = when.value ? '' : toLocalInput(Date.now() + 60 * 60_000))}
              />
            </>
          )}
          <span class="spacer" />
          <button type="submit" class="button button-primary" disabled={!canPost}>
            {busy.value
              ? t('composer.posting')
              : submitLabel(editing !== null, waiting !== null, when.value !== '', replyTo !== null)}
          </button>
        </div>
        {!editing && !waiting && <AutosaveNote state={autosave.state.value} />}
      </div>
    </form>
  );
}

function sameMedia(before: Media[], now: Attachment[]): boolean {
  return (
    before.length === now.length &&
    before.every(
      (media, place) => now[place]!.media.value?.id === media.id && now[place]!.altText.value.trim() === media.altText,
    )
  );
}

function submitLabel(edits: boolean, waits: boolean, later: boolean, replies: boolean): string {
  if (edits) return t('edit.save');
  if (later) return waits ? t('schedule.change') : t('schedule.submit');
  return replies ? t('composer.reply') : t('composer.post');
}

/** Says where what one writes is; nothing while there is nothing to say. */
function AutosaveNote({ state }: { state: AutosaveState }) {
  const notes = {
    saving: t('drafts.saving'),
    saved: t('drafts.saved'),
    full: t('drafts.limitReached'),
    failed: t('drafts.failed'),
  };
  return (
    <p class={`autosave ${state === 'full' || state === 'failed' ? 'is-error' : 'muted'}`} role="status">
      {state !== 'idle' && (
        <>
          {notes[state]} <a href="/drafts">{t('drafts.title')}</a>
        </>
      )}
    </p>
  );
}

function Tool({
  icon,
  label,
  on,
  disabled,
  act,
}: {
  icon: IconName;
  label: string;
  on: boolean;
  disabled: boolean;
  act: () => void;
}) {
  return (
    <button
      type="button"
      class={`icon-button ${on ? 'is-on' : ''}`}
      aria-label={label}
      title={label}
      aria-pressed={on}
      disabled={disabled}
      onClick={act}>
      <Icon name={icon} />
    </button>
  );
}

/** Why a file cannot be added, or null. Up to four photos, or one video, or one audio file. */
function refuse(file: File, present: Attachment[]): string | null {
  const kind = mediaKindOf(file);
  if (!kind) return t('composer.unsupportedType', file.name);
  if (file.size > UPLOAD_LIMITS[kind]) return t('composer.tooLarge', file.name, `${UPLOAD_LIMITS[kind] / MEGABYTE} MB`);
  const full =
    kind === 'photo' ? present.length >= 4 || present.some((item) => item.kind !== 'photo') : present.length > 0;
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
      <button
        type="button"
        class="icon-button"
        aria-label={label}
        title={label}
        disabled={disabled}
        onClick={() => input.current?.click()}>
        <Icon name={icon} />
      </button>
      <input
        ref={input}
        type="file"
        hidden
        data-kind={kind}
        accept={ACCEPTED_TYPES[kind]}
        multiple={kind === 'photo'}
        onChange={(event) => {
          onPick([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }}
      />
    </>
  );
}
