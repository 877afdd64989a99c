/** Multipart upload: it resumes after a lost network, a retry or a page reload. */
import { contentTypeOf } from '../lib/content-type';
import { api } from '.';
import { networkError, problemFrom } from './problem';
import type { Media, MediaKind, UploadPart, UploadParts } from './types';

/** Files of at least this size are uploaded in parts; smaller ones in one request. */
export const PARTS_FROM = 8 * 1024 * 1024;
const ATTEMPTS = 5;
const KEY = 'asyncsns.uploads';
const DAY_MS = 24 * 3600 * 1000;

interface Begun {
  id: string;
  at: number;
}

/** Identifies the same file again: browsers tell neither its path nor, before reading it, its content. */
function fingerprint(file: File): string {
  return [file.name, file.size, file.lastModified, file.type].join('/');
}

function remembered(): Record<string, Begun> {
  try {
    const all = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Record<string, Begun>;
    return Object.fromEntries(Object.entries(all).filter(([, one]) => Date.now() - one.at < DAY_MS));
  } catch {
    return {};
  }
}

function remember(file: File, id: string | null): void {
  const all = remembered();
  if (id) all[fingerprint(file)] = { id, at: Date.now() };
  else delete all[fingerprint(file)];
  try {
    localStorage.setItem(KEY, JSON.stringify(all));
  } catch {
    /* Private windows may refuse: then a reload starts over. */
  }
}

/** @throws ApiError; DOMException AbortError when `signal` fires. */
export async function uploadInParts(
  file: File,
  kind: MediaKind,
  onProgress: (fraction: number) => void,
  onMedia: (media: Media) => void,
  signal: AbortSignal,
): Promise<Media> {
  const { media, parts } = (await resumed(file)) ?? (await begun(file, kind));
  onMedia(media);
  remember(file, media.id);
  const discard = (): void => {
    remember(file, null);
    void api.discardMedia(media.id).catch(() => undefined);
  };
  if (signal.aborted) {
    // Cancelled before the upload was created.
    discard();
    throw new DOMException('upload cancelled', 'AbortError');
  }
  signal.addEventListener('abort', discard, { once: true });
  await sendAll(file, media.id, parts, onProgress, signal);
  const done = await api.completeMedia(media.id);
  signal.removeEventListener('abort', discard); // From here on a post may reference the medium.
  remember(file, null);
  return done;
}

async function begun(file: File, kind: MediaKind): Promise<{ media: Media; parts: UploadParts }> {
  const ticket = await api.createMedia({ kind, contentType: contentTypeOf(file), bytes: file.size, resumable: true });
  return { media: ticket.media, parts: ticket.parts! };
}

async function resumed(file: File): Promise<{ media: Media; parts: UploadParts } | null> {
  const known = remembered()[fingerprint(file)];
  if (!known) return null;
  try {
    const [media, parts] = await Promise.all([api.media(known.id), api.mediaParts(known.id)]);
    return { media, parts };
  } catch {
    remember(file, null); // The upload has expired or was deleted: start over.
    return null;
  }
}

async function sendAll(
  file: File,
  id: string,
  first: UploadParts,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<void> {
  let list = first;
  for (let attempt = 1; ; attempt += 1) {
    try {
      for (const part of list.parts.filter((one) => !one.done)) {
        const sent = list.parts.filter((one) => one.done).reduce((sum, one) => sum + one.bytes, 0);
        await sendPart(
          part,
          slice(file, part, list.partBytes),
          (bytes) => onProgress((sent + bytes) / file.size),
          signal,
        );
        part.done = true;
      }
      return;
    } catch (error) {
      if (signal.aborted || attempt >= ATTEMPTS) throw error;
      await online(500 * 2 ** attempt, signal);
      list = await api.mediaParts(id); // Request new links, and the list of parts that arrived in spite of an error.
    }
  }
}

function slice(file: File, part: UploadPart, partBytes: number): Blob {
  const start = (part.number - 1) * partBytes;
  return file.slice(start, start + part.bytes);
}

function sendPart(
  part: UploadPart,
  content: Blob,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new DOMException('upload cancelled', 'AbortError'));
    const xhr = new XMLHttpRequest();
    xhr.open('PUT', part.url!);
    xhr.upload.onprogress = (event) => onBytes(event.loaded);
    xhr.onload = () => (xhr.status < 300 ? resolve() : reject(problemFrom(xhr.status, { title: 'Part refused' })));
    xhr.onerror = () => reject(networkError('upload'));
    xhr.onabort = () => reject(new DOMException('upload cancelled', 'AbortError'));
    signal.addEventListener('abort', () => xhr.abort(), { once: true });
    xhr.send(content);
  });
}

/** Waits for a delay, or for the network when there is none. */
function online(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      removeEventListener('online', finish);
      resolve();
    };
    const timer = setTimeout(finish, navigator.onLine ? ms : 60_000);
    addEventListener('online', finish, { once: true });
    signal.addEventListener('abort', finish, { once: true });
  });
}
