/**
 * Links to media expire after an hour or two. What has been loaded stays on the screen; a page that was left open gets
 * new links when one of the old ones fails.
 */
import { api } from '../api';
import type { Message } from '../api/types';
import { addMessages, getThread } from './chat-thread';
import { patchPost } from './posts';

const PAGE = 50;
const asking = new Map<string, Promise<void>>();

/** What several media ask for at the same time is asked once. */
function once(key: string, ask: () => Promise<void>): Promise<void> {
  const running = asking.get(key);
  if (running) return running;
  const started = ask().finally(() => asking.delete(key));
  asking.set(key, started);
  return started;
}

/** New links for the media of a post and of what it quotes, wherever it is shown. @throws ApiError */
export function renewPost(id: string): Promise<void> {
  return once(`post/${id}`, async () => {
    const { media, quote } = await api.post(id);
    patchPost(id, { media, quote });
  });
}

/** New links for the media of a message; its neighbours on the screen get theirs along with it. @throws ApiError */
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
