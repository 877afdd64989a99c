/** Requests to the media server over HTTP. */

/** `url`: any URL of the media server; `token`: authorizes the page. */
export interface Pass {
  url: string;
  token: string;
}

/** A response other than 2xx. */
export class Refusal extends Error {
  constructor(
    path: string,
    readonly status: number,
  ) {
    super(`${path}: expected success, got ${status}`);
  }
}

/**
 * @throws Refusal when the server refuses
 * @throws TypeError when it is unreachable
 */
export async function ask({ url, token }: Pass, path: string, request: RequestInit): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, ...(request.body && { 'content-type': 'application/sdp' }) };
  const answer = await fetch(new URL(path, url).href, { ...request, headers });
  if (!answer.ok) throw new Refusal(path, answer.status);
  return answer;
}

/** Renews the token: the page's sessions stay open until it expires. */
export async function renew(pass: Pass): Promise<void> {
  await ask(pass, '/leases', { method: 'PUT' });
}

/** Ends a session at the server; its URL is a secret of this page. */
export function ending(pass: () => Pass, answer: Response): () => void {
  const location = answer.headers.get('location')!;
  return () => void ask(pass(), location, { method: 'DELETE', keepalive: true }).catch(() => undefined);
}
