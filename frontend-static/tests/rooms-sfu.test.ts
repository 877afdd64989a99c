import { beforeEach, describe, expect, it, vi } from 'vitest';
import { cameraEncoding } from '../src/rooms/camera-size';
import { GroupRoom } from '../src/rooms/group-room';
import { FakeSfu, Line } from './fake-sfu';
import { FakeServer, keepsTheContract, type Make, Page } from './room-contract';

const make: Make = (server, events) =>
  new GroupRoom({ server, events, iceServers: async () => ({ iceServers: [], expiresAt: null }) });

let sfu: FakeSfu;
let server: FakeServer;

beforeEach(() => {
  Line.all.length = 0;
  sfu = new FakeSfu();
  server = new FakeServer();
  vi.stubGlobal('RTCPeerConnection', Line);
  vi.stubGlobal('fetch', sfu.fetch);
});

describe('a room over a media server', () => {
  keepsTheContract(make, 'sfu');

  it('publishes once, watches every other page, and ends both when it leaves', async () => {
    server.path = 'sfu';
    const pages = ['a-1', 'b-1', 'c-1'].map((session) => new Page(make, server, session));
    for (const one of pages) await one.room.join();
    await vi.waitFor(() => expect(sfu.list).toHaveLength(9));
    expect(sfu.list.filter((one) => one.startsWith('whip'))).toEqual(['whip a-1', 'whip b-1', 'whip c-1']);
    pages[2]!.room.leave();
    await vi.waitFor(() => expect(sfu.list).toEqual(['a-1 watches b-1', 'b-1 watches a-1', 'whip a-1', 'whip b-1']));
  });

  it('sends an expired token once per connection and continues with the next one', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    server.path = 'sfu';
    sfu.expired.set('a-1/0', 0);
    const [a, b] = ['a-1', 'b-1'].map((session) => new Page(make, server, session)) as [Page, Page];
    for (const one of [a, b]) await one.room.join();
    // Two connections of this page may ask at once: its own media, and those of the other page.
    await vi.waitFor(() => expect(sfu.expired.get('a-1/0')).toBeGreaterThan(0));
    await vi.advanceTimersByTimeAsync(5000);
    const asked = sfu.expired.get('a-1/0');
    expect(asked).toBeLessThanOrEqual(2);
    server.tickets = 1;
    a.room.mute(true);
    await vi.waitFor(() => expect(sfu.list).toEqual(['a-1 watches b-1', 'b-1 watches a-1', 'whip a-1', 'whip b-1']));
    expect(sfu.expired.get('a-1/0')).toBe(asked);
    for (const one of [a, b]) one.room.leave();
    vi.useRealTimers();
  });

  it('receives the tracks that each page announces', async () => {
    server.path = 'sfu';
    const [a, b] = ['a-1', 'b-1'].map((session) => new Page(make, server, session)) as [Page, Page];
    const [microphone, screen] = [{ kind: 'audio' }, { kind: 'video' }] as MediaStreamTrack[];
    a.room.publish({ microphone });
    for (const one of [a, b]) await one.room.join();
    await vi.waitFor(() => expect(b.received.get('a-1')).toBe('microphone'));
    a.room.publish({ microphone, screen });
    await vi.waitFor(() => expect(b.received.get('a-1')).toBe('microphone,screen'));
    b.room.subscribe({ pictures: false });
    await vi.waitFor(() => expect(b.received.get('a-1')).toBe('microphone'));
  });

  it('sends a smaller camera picture when more people join, also for a camera turned on later', async () => {
    server.path = 'sfu';
    server.limit = 12;
    const settings = { width: 960, height: 540 };
    const camera = { kind: 'video', getSettings: () => settings } as unknown as MediaStreamTrack;
    const sent = () => Line.all[0]!.transceivers[1]!.sender.parameters.encodings;
    const a = new Page(make, server, 'a-1');
    await a.room.join();
    await vi.waitFor(() => expect(sfu.list).toEqual(['whip a-1']));
    a.room.publish({ camera });
    await vi.waitFor(() => expect(sent()).toEqual([cameraEncoding(1, settings)]));
    for (const session of ['b-1', 'c-1', 'd-1', 'e-1']) await new Page(make, server, session).room.join();
    await vi.waitFor(() => expect(sent()).toEqual([cameraEncoding(5, settings)]));
  });

  it('switches to the media server when the call becomes too large for a mesh', async () => {
    server.limit = 5;
    const sessions = ['a-1', 'b-1', 'c-1', 'd-1', 'e-1'];
    const pages = sessions.map((session) => new Page(make, server, session));
    for (const one of pages.slice(0, 4)) await one.room.join();
    expect(sfu.list).toEqual([]);
    server.path = 'sfu';
    await pages[4]!.room.join();
    await vi.waitFor(() => expect(sfu.list).toHaveLength(25));
    for (const one of pages)
      await vi.waitFor(() =>
        expect([...one.states.values()]).toEqual(['connected', 'connected', 'connected', 'connected']),
      );
    expect(pages.flatMap(({ ends }) => ends)).toEqual([]);
  });
});
