/** Downloads that need request headers, which a plain link cannot send. */
import { networkError, problemFrom } from './problem';

/** Fetches the file and offers it under `name`. Browsers keep large files on disk. @throws ApiError */
export async function downloadFile(url: string, headers: Record<string, string>, name: string): Promise<void> {
  const answer = await fetch(url, { headers, cache: 'no-store' }).catch((cause: unknown) => {
    throw networkError(cause);
  });
  if (!answer.ok) throw problemFrom(answer.status, { title: 'Download refused' });
  const address = URL.createObjectURL(await answer.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads the file after the click; a read in progress survives the revocation.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
