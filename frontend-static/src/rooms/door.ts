/** What a page asks of the media server, over plain HTTP. */

/** `url`: any address of the media server; `token`: what lets the page in. */
export interface Pass {
  url: string;
  token: string;
}

/** @throws Error the server is not there, or refuses */
export async function ask({ url, token }: Pass, path: string, request: RequestInit): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, ...(request.body && { 'content-type': 'application/sdp' }) };
  const answer = await fetch(new URL(path, url).href, { ...request, headers });
  if (!answer.ok) throw new Error(`${path}: expected success, got ${answer.status}`);
  return answer;
}

/** Hands in a newer token: what the page has open may stay until that one is over. */
export async function renew(pass: Pass): Promise<void> {
  await ask(pass, '/leases', { method: 'PUT' });
}

/** Ends a session at the server; its address is a secret of this page. */
export function ending(pass: () => Pass, answer: Response): () => void {
  const location = answer.headers.get('location')!;
  return () => void ask(pass(), location, { method: 'DELETE', keepalive: true }).catch(() => undefined);
}
