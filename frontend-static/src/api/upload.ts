/** Upload by S3 POST policy, with XMLHttpRequest because fetch reports no upload progress. */
import { networkError, problemFrom } from './problem';
import type { UploadPermit } from './types';

/** @throws ApiError; DOMException AbortError when `signal` fires. */
export function uploadFile(
  ticket: NonNullable<UploadPermit['upload']>,
  file: Blob,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(ticket.fields)) form.append(name, value);
    form.append('file', file); // S3 ignores fields after the file.
    const xhr = new XMLHttpRequest();
    xhr.open('POST', ticket.url);
    xhr.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    xhr.onload = () => (xhr.status < 300 ? resolve() : reject(problemFrom(xhr.status, { title: 'Upload refused' })));
    xhr.onerror = () => reject(networkError('upload'));
    xhr.onabort = () => reject(new DOMException('upload cancelled', 'AbortError'));
    signal.addEventListener('abort', () => xhr.abort(), { once: true });
    xhr.send(form);
  });
}
