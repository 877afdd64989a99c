/** The server operations of a group call, over this page's socket. */
import { networkError } from '../api/problem';
import type { CallMedia, Room } from '../api/types';
import type { MediaTicket, RoomServer, RoomView } from '../rooms/server';
import { PAGE_SESSION } from './call-actions';
import { getTransport, onConnected, onServerEvent } from './realtime';

interface Answer {
  room: Room | null;
  ticket: MediaTicket | null;
}

async function ask(action: string, data: object): Promise<Answer> {
  const socket = getTransport();
  if (!socket) throw networkError('no connection');
  return socket.request<Answer>(action, data, { retries: 2 });
}

/** The running call of a conversation. @throws ApiError */
export async function readRoom(conversationId: string): Promise<Room | null> {
  return (await ask('room.read', { conversationId })).room;
}

export function roomServer(conversationId: string, media: CallMedia): RoomServer {
  const page = { conversationId, session: PAGE_SESSION };
  return {
    session: PAGE_SESSION,
    join: async (takeOver) => (await ask('room.join', { ...page, media, takeOver })) as RoomView,
    here: async (muted, sends) => (await ask('room.here', { ...page, muted, sends })) as RoomView,
    leave: () => getTransport()?.send('room.leave', page),
    send: ({ userId, session, joinedAt }, signal) => {
      getTransport()
        ?.request('room.signal', { ...page, to: userId, toSession: session, toJoinedAt: joinedAt, ...signal })
        .catch((error: unknown) => console.warn('room signal', error));
    },
    listen: ({ onRoom, onSignal, onOpen }) => {
      const ends = [
        onServerEvent('room.updated', ({ room }) => room.conversationId === conversationId && onRoom(room)),
        onServerEvent('room.signal', (signal) => signal.conversationId === conversationId && onSignal(signal)),
        onConnected(onOpen),
      ];
      return () => {
        for (const end of ends) end();
      };
    },
  };
}
