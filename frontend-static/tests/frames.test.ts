import { describe, expect, it } from 'vitest';
import { encodeFrame, FrameReader } from '../src/realtime/frames';

describe('frames on a stream', () => {
  it('are reassembled from chunks of any size', () => {
    const texts = ['', '{"type":"pong"}', JSON.stringify({ text: '京都の朝'.repeat(2000) })];
    const bytes = texts.flatMap((text) => [...encodeFrame(text)]);
    for (const size of [1, 3, 7, 1000, bytes.length]) {
      const reader = new FrameReader();
      const read: string[] = [];
      for (let at = 0; at < bytes.length; at += size)
        read.push(...reader.push(Uint8Array.from(bytes.slice(at, at + size))));
      expect(read).toEqual(texts);
    }
  });

  it('begin with their length in bytes, not characters', () => {
    expect([...encodeFrame('朝')]).toEqual([0, 0, 0, 3, 0xe6, 0x9c, 0x9d]);
  });
});
