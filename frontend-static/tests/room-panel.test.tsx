import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { RoomMember } from '../src/api/types';
import { subject } from '../src/auth/session';
import { RoomPanel } from '../src/components/room/room-panel';
import { changeMedia, type OwnMedia, ownMedia } from '../src/state/call-media';
import { online } from '../src/state/online';
import type { ActiveRoom } from '../src/state/room';
import { setLanguage } from '../src/state/settings';

const NOTHING: OwnMedia = ownMedia.peek();

const member = (userId: string): RoomMember => ({ userId, session: userId, joinedAt: '', muted: false, sends: [] });
const roomOf = (...userIds: string[]): ActiveRoom => ({
  conversationId: 'g',
  members: userIds.map(member),
  joinedAt: 0,
  others: {},
  speaker: null,
});
const show = (current: ActiveRoom) =>
  act(async () => render(<RoomPanel current={current} />, document.querySelector('#box')!));
const textOf = (part: string) => document.querySelector(part)!.textContent ?? '';

beforeEach(() => {
  setLanguage('en');
  subject.value = 'mio';
  document.body.innerHTML = '<div id="box"></div>';
});
afterEach(async () => {
  await act(async () => render(null, document.querySelector('#box')!));
  ownMedia.value = NOTHING;
  online.value = true;
  vi.restoreAllMocks();
});

it('says that the others are awaited, and then how many are there', async () => {
  await show(roomOf('mio'));
  expect(textOf('.call-phase')).toBe('Waiting for others to join');
  await show(roomOf('mio', 'tom'));
  expect(textOf('.call-phase')).toBe('2 people in the call');
});

it('keeps on the screen why a device is not open, and that one can only listen', async () => {
  changeMedia({ problems: { microphone: 'refused', camera: 'refused' } });
  await show(roomOf('mio', 'tom'));
  for (const words of ['may not use the microphone', 'you can only listen', 'may not use the camera'])
    expect(textOf('.call-notices')).toContain(words);
  await act(() => changeMedia({ voiceOnly: true }));
  expect(textOf('.call-notices')).toContain('Voice only');
});

it('marks its own tile as muted at once, and those of the others as the server says', async () => {
  const tile = (session: string) =>
    document.querySelector(`[data-session=${session}]`)!.querySelector('[aria-label$=" is muted"]');
  changeMedia({ tracks: { microphone: {} as MediaStreamTrack } });
  await show(roomOf('mio', 'tom'));
  expect([tile('mio'), tile('tom')]).toEqual([null, null]);
  await act(() => changeMedia({ muted: true }));
  expect([tile('mio') !== null, tile('tom')]).toEqual([true, null]);
});

it('says that this page has no network', async () => {
  changeMedia({ tracks: { microphone: {} as MediaStreamTrack } });
  await show(roomOf('mio', 'tom'));
  expect(textOf('.call-notices')).toBe('');
  await act(() => {
    online.value = false;
  });
  expect(textOf('.call-notices')).toContain('The connection is lost');
});
