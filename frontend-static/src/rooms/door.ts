/** Requests to the media server over HTTP. */

/** `url`: any URL of the media server; `token`: authorizes the page. */
export interface Pass {
  url: string;
  token: string;
}

/** @throws Error when the server is unreachable or refuses */
export async function ask({ url, token }: Pass, path: string, request: RequestInit): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, ...(request.body && { 'content-type': 'application/sdp' }) };
  const answer = await fetch(new URL(path, url).href, { ...request, headers });
  if (!answer.ok) throw new Error(`${path}: expected success, got ${answer.status}`);
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
