import { afterEach, describe, expect, it, vi } from 'vitest';
import { api } from '../src/api';
import type { Author, Call, Conversation, Room } from '../src/api/types';
import { setPageTitle } from '../src/lib/title';
import { activeCall } from '../src/state/active-call';
import { startCallAttention } from '../src/state/call-attention';
import { conversations } from '../src/state/conversations';
import { ringingRoom } from '../src/state/room';

const TOM: Author = { id: 'tom', handle: 'tom', displayName: 'Tom', avatarUrl: null };
const CALL = { id: 'c', callerId: 'tom', calleeId: 'mio', media: 'audio', state: 'ringing' } as Call;
const RINGING = { call: CALL, other: TOM, phase: 'incoming', connectedAt: null, problem: null } as const;

const close = vi.fn();
const showNotification = vi.fn<(title: string, options: NotificationOptions) => Promise<void>>();
const worker = { showNotification, getNotifications: async () => [{ close }] };

/** Web Locks with one name: the second tab waits. */
class Locks {
  held: Promise<unknown> | null = null;

  async request(_name: string, work: () => Promise<unknown>): Promise<unknown> {
    await this.held;
    this.held = work();
    return this.held;
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

document.head.innerHTML = '<link rel="icon" href="/icon.svg" />';
const icon = document.querySelector('link')!;
const locks = new Locks();
vi.stubGlobal('navigator', { ...navigator, locks, serviceWorker: { getRegistration: async () => worker } });
vi.stubGlobal('Notification', { permission: 'granted' });
const visibility = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('visible');
startCallAttention();

afterEach(() => {
  activeCall.value = null;
  ringingRoom.value = null;
  locks.held = null;
  vi.clearAllMocks();
});

describe('a ringing call', () => {
  it('changes the title and icon of the tab until it is over', () => {
    setPageTitle('Home');
    activeCall.value = RINGING;
    expect(document.title).toBe('Incoming voice call: Tom · Home');
    expect(icon.getAttribute('href')).toBe('/icon-call.svg');
    setPageTitle('Search');
    expect(document.title).toBe('Incoming voice call: Tom · Search');
    activeCall.value = null;
    expect(document.title).toBe('Search');
    expect(icon.getAttribute('href')).toBe('/icon.svg');
  });

  it('shows a notification on a hidden page and closes it when the call is answered', async () => {
    visibility.mockReturnValue('hidden');
    activeCall.value = RINGING;
    await vi.waitFor(() => expect(showNotification).toHaveBeenCalledTimes(1));
    expect(showNotification.mock.calls[0]).toMatchObject(['Tom', { body: 'Incoming voice call', tag: 'call:c' }]);
    expect(close).not.toHaveBeenCalled();
    activeCall.value = { ...RINGING, phase: 'connecting' };
    await vi.waitFor(() => expect(close).toHaveBeenCalledTimes(1));
  });

  it('shows no notification on a visible page or in a second tab', async () => {
    visibility.mockReturnValue('visible');
    activeCall.value = RINGING;
    await settled();
    expect(showNotification).not.toHaveBeenCalled();
    activeCall.value = null;
    visibility.mockReturnValue('hidden');
    let release = (): void => undefined;
    locks.held = new Promise<void>((resolve) => (release = resolve));
    activeCall.value = RINGING;
    activeCall.value = null;
    release();
    await settled();
    expect(showNotification).not.toHaveBeenCalled();
  });
});

describe('a ringing group call', () => {
  const ROOM = { id: 'r', conversationId: 'g', media: 'video', members: [] as Room['members'] } as Room;

  it('changes the tab and shows a notification with a link to its group until it stops ringing', async () => {
    conversations.value = [{ id: 'g', kind: 'group', title: 'Hikers', members: [] as Author[] } as Conversation];
    vi.spyOn(api, 'conversation').mockRejectedValue(new Error('not here'));
    visibility.mockReturnValue('hidden');
    setPageTitle('Home');
    ringingRoom.value = ROOM;
    expect(document.title).toBe('Incoming group video call: Hikers · Home');
    expect(icon.getAttribute('href')).toBe('/icon-call.svg');
    await vi.waitFor(() => expect(showNotification).toHaveBeenCalledTimes(1));
    expect(showNotification.mock.calls[0]).toMatchObject([
      'Hikers',
      { body: 'Incoming group video call', tag: 'room:r', data: { url: '/messages/g' } },
    ]);
    expect(close).not.toHaveBeenCalled();
    ringingRoom.value = null;
    await vi.waitFor(() => expect(close).toHaveBeenCalledTimes(1));
    expect(document.title).toBe('Home');
  });

  it('shows no notification while another tab rings', async () => {
    let release = (): void => undefined;
    locks.held = new Promise<void>((resolve) => (release = resolve));
    ringingRoom.value = ROOM;
    ringingRoom.value = null;
    release();
    await settled();
    expect(showNotification).not.toHaveBeenCalled();
  });
});
