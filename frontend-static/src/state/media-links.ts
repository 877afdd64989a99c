/**
 * Media links expire after an hour or two. Loaded media stay on the screen; a page that was left open fetches new links
 * when an old one fails.
 */
import { api } from '../api';
import type { Message } from '../api/types';
import { addMessages, getThread } from './chat-thread';
import { patchPost } from './posts';

const PAGE = 50;
const asking = new Map<string, Promise<void>>();

/** Simultaneous requests of several media are combined. */
function once(key: string, ask: () => Promise<void>): Promise<void> {
  const running = asking.get(key);
  if (running) return running;
  const started = ask().finally(() => asking.delete(key));
  asking.set(key, started);
  return started;
}

/** Renews the links of a post's media and of its quoted post, wherever they are shown. @throws ApiError */
export function renewPost(id: string): Promise<void> {
  return once(`post/${id}`, async () => {
    const { media, quote } = await api.post(id);
    patchPost(id, { media, quote });
  });
}

/** Renews the links of a message's media; visible neighbours are renewed too. @throws ApiError */
export async function renewMessage({ conversationId: id, seq, media }: Message): Promise<void> {
  await asking.get(`chat/${id}`)?.catch(() => undefined);
  const now = getThread(id).messages.find((message) => message.seq === seq);
  if (!now || now.media[0]?.url !== media[0]?.url) return;
  await once(`chat/${id}`, async () => {
    const page = await api.messages(id, { around: seq, limit: PAGE });
    const shown = new Set(getThread(id).messages.map((message) => message.seq));
    addMessages(
      id,
      page.items.filter((message) => shown.has(message.seq)),
    );
  });
}
