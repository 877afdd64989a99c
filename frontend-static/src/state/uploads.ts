/** The state of an attachment: upload with progress, then the wait for the media processor's result. */

import { type Signal, signal } from '@preact/signals';
import { api } from '../api';
import { PARTS_FROM, uploadInParts } from '../api/parts';
import type { Media, MediaKind } from '../api/types';
import { uploadFile } from '../api/upload';
import { t } from '../i18n';
import { contentTypeOf } from '../lib/content-type';
import { onMediaUpdated } from './realtime';
import { showToast } from './toasts';

export type UploadState = 'uploading' | 'processing' | 'ready' | 'rejected' | 'failed';

export const MEGABYTE = 1024 * 1024;
export const UPLOAD_LIMITS: Record<MediaKind, number> = {
  photo: 10 * MEGABYTE,
  video: 100 * MEGABYTE,
  audio: 20 * MEGABYTE,
};
export const ACCEPTED_TYPES: Record<MediaKind, string> = {
  photo: 'image/jpeg,image/png,image/webp,image/gif,image/heic,image/heif,.heic,.heif',
  video: 'video/mp4,video/webm,video/quicktime',
  audio: 'audio/mpeg,audio/mp4,audio/ogg,audio/wav,audio/webm,audio/x-wav,audio/x-m4a',
};

const MAX_PHOTOS = 4;
const READY_TIMEOUT_MS = 90_000;

export interface Attachment {
  readonly id: string;
  readonly file: File;
  readonly kind: MediaKind;
  readonly preview: string;
  readonly state: Signal<UploadState>;
  readonly progress: Signal<number>;
  readonly media: Signal<Media | null>;
  readonly altText: Signal<string>;
  readonly reason: Signal<string>;
  /** Resolves when the media is ready; rejects when it was refused, failed or was cancelled. */
  done: Promise<Media>;
  cancel(): void;
  retry(): void;
}

/** Whether this browser may be unable to show it before the server has converted it. */
export function isShownLater(file: File): boolean {
  return /^image\/hei[cf]$/.test(contentTypeOf(file));
}

export function mediaKindOf(file: File): MediaKind | null {
  const kinds = Object.keys(ACCEPTED_TYPES) as MediaKind[];
  return kinds.find((kind) => ACCEPTED_TYPES[kind].split(',').includes(contentTypeOf(file))) ?? null;
}

export function attachFile(file: File, kind: MediaKind): Attachment {
  const controller = new AbortController();
  const attachment: Attachment = {
    id: crypto.randomUUID(),
    file,
    kind,
    preview: URL.createObjectURL(file),
    state: signal<UploadState>('uploading'),
    progress: signal(0),
    media: signal<Media | null>(null),
    altText: signal(''),
    reason: signal(''),
    done: Promise.reject(new Error('not started')),
    cancel: () => {
      controller.abort();
      URL.revokeObjectURL(attachment.preview);
    },
    retry: () => begin(),
  };
  attachment.done.catch(() => undefined);
  const begin = (): void => {
    attachment.state.value = 'uploading';
    attachment.progress.value = 0;
    attachment.done = uploadAttachment(attachment, controller.signal);
    attachment.done.catch(() => undefined);
  };
  begin();
  return attachment;
}

/** An existing medium: of a post that is being edited, or of a draft. */
export function attachMedia(media: Media): Attachment {
  return {
    id: media.id,
    file: new File([], media.altText || media.id),
    kind: media.kind,
    preview: media.thumbnailUrl ?? media.url ?? '',
    state: signal<UploadState>('ready'),
    progress: signal(1),
    media: signal<Media | null>(media),
    altText: signal(media.altText),
    reason: signal(''),
    done: Promise.resolve(media),
    cancel: () => undefined,
    retry: () => undefined,
  };
}

/** Adds chosen, dropped or pasted files; reports why a file cannot be attached. */
export function addFiles(attachments: Signal<Attachment[]>, files: Iterable<File>): void {
  for (const file of files) {
    const refusal = refuse(file, attachments.value);
    if (refusal) showToast(refusal, { kind: 'error' });
    else attachments.value = [...attachments.value, attachFile(file, mediaKindOf(file)!)];
  }
}

/** Why a file cannot be added, or null. Up to four photos, or one video, or one audio file. */
function refuse(file: File, present: Attachment[]): string | null {
  const kind = mediaKindOf(file);
  if (!kind) return t('composer.unsupportedType', file.name);
  if (file.size > UPLOAD_LIMITS[kind]) return t('composer.tooLarge', file.name, `${UPLOAD_LIMITS[kind] / MEGABYTE} MB`);
  const isFull =
    kind === 'photo'
      ? present.length >= MAX_PHOTOS || present.some((item) => item.kind !== 'photo')
      : present.length > 0;
  return isFull ? t('composer.tooMany') : null;
}

/** The attachments with one of them moved. */
export function moveAttachment(items: Attachment[], item: Attachment, to: number): Attachment[] {
  const others = items.filter((one) => one !== item);
  return [...others.slice(0, to), item, ...others.slice(to)];
}

/** Stores a medium's description, so that a draft keeps it; publishing stores it too. */
export async function saveDescription(attachment: Attachment): Promise<void> {
  const media = attachment.media.peek();
  const altText = attachment.altText.peek().trim();
  if (!media || attachment.state.peek() !== 'ready' || altText === media.altText) return;
  attachment.media.value = await api.describeMedia(media.id, altText);
}

async function uploadAttachment(attachment: Attachment, signal: AbortSignal): Promise<Media> {
  const { file, kind } = attachment;
  try {
    const progress = (fraction: number) => (attachment.progress.value = fraction);
    const begun = (media: Media) => (attachment.media.value = media);
    const sent =
      file.size >= PARTS_FROM
        ? await uploadInParts(file, kind, progress, begun, signal)
        : await uploadWhole(file, kind, progress, begun, signal);
    attachment.progress.value = 1;
    attachment.state.value = 'processing';
    const media = await waitForProcessing(sent.id, signal);
    attachment.media.value = media;
    attachment.state.value = media.state === 'ready' ? 'ready' : 'rejected';
    attachment.reason.value = media.reason ?? '';
    if (media.state !== 'ready') throw new Error('rejected');
    return media;
  } catch (error) {
    if (attachment.state.value !== 'rejected') attachment.state.value = 'failed';
    throw error;
  }
}

async function uploadWhole(
  file: File,
  kind: MediaKind,
  progress: (fraction: number) => void,
  begun: (media: Media) => void,
  signal: AbortSignal,
): Promise<Media> {
  const ticket = await api.createMedia({ kind, contentType: contentTypeOf(file), bytes: file.size });
  begun(ticket.media);
  await uploadFile(ticket.upload!, file, progress, signal);
  return ticket.media;
}

/** The event usually arrives first; polling covers a lost event. */
function waitForProcessing(id: string, signal: AbortSignal): Promise<Media> {
  return new Promise((resolve, reject) => {
    const deadline = Date.now() + READY_TIMEOUT_MS;
    let timer: ReturnType<typeof setTimeout>;
    const finish = (action: () => void): void => {
      clearTimeout(timer);
      off();
      action();
    };
    const take = (media: Media): boolean => {
      if (media.state !== 'ready' && media.state !== 'rejected') return false;
      finish(() => resolve(media));
      return true;
    };
    const off = onMediaUpdated((media) => media.id === id && take(media));
    const poll = async (wait: number): Promise<void> => {
      if (signal.aborted) return finish(() => reject(new DOMException('cancelled', 'AbortError')));
      if (Date.now() > deadline) return finish(() => reject(new Error('the media was not processed in time')));
      const media = await api.media(id).catch(() => null);
      if (!media || !take(media)) timer = setTimeout(() => void poll(Math.min(wait * 1.5, 4000)), wait);
    };
    timer = setTimeout(() => void poll(700), 400);
  });
}
