import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { api } from '../src/api';
import { uploadInParts } from '../src/api/parts';

const FILE = new File([new Uint8Array(12)], 'clip.mp4', { type: 'video/mp4', lastModified: 1 });
const media = { id: 'M', kind: 'video', state: 'pending' };
let sent: [string, number][] = [];
let failures = 0;

class FakeXhr {
  upload: { onprogress?: (event: { loaded: number }) => void } = {};
  status = 200;
  onload?: () => void;
  onerror?: () => void;
  onabort?: () => void;
  private url = '';
  open(_: string, url: string) {
    this.url = url;
  }
  abort() {
    this.onabort?.();
  }
  send(content: Blob) {
    queueMicrotask(() => {
      if (failures > 0) {
        failures -= 1;
        this.onerror?.();
        return;
      }
      sent.push([this.url, content.size]);
      this.onload?.();
    });
  }
}

function parts(...done: boolean[]) {
  return {
    partBytes: 5,
    expiresAt: '',
    parts: [5, 5, 2].map((bytes, index) => ({
      number: index + 1,
      bytes,
      done: done[index] ?? false,
      url: `part${index + 1}`,
    })),
  };
}

beforeEach(() => {
  sent = [];
  failures = 0;
  localStorage.clear();
  vi.stubGlobal('XMLHttpRequest', FakeXhr);
  vi.spyOn(api, 'createMedia').mockResolvedValue({ media, parts: parts() } as never);
  vi.spyOn(api, 'media').mockResolvedValue(media as never);
  vi.spyOn(api, 'completeMedia').mockResolvedValue({ ...media, state: 'pending' } as never);
  vi.spyOn(api, 'discardMedia').mockResolvedValue(undefined);
  vi.spyOn(api, 'mediaParts').mockResolvedValue(parts(true) as never);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const upload = (signal = new AbortController().signal) =>
  uploadInParts(
    FILE,
    'video',
    () => undefined,
    () => undefined,
    signal,
  );

describe('an upload in parts', () => {
  it('sends the bytes of every part and completes once', async () => {
    await upload();
    expect(sent).toEqual([
      ['part1', 5],
      ['part2', 5],
      ['part3', 2],
    ]);
    expect(api.completeMedia).toHaveBeenCalledTimes(1);
    expect(localStorage.getItem('asyncsns.uploads')).toBe('{}');
  });

  it('sends the missing parts after a lost connection', async () => {
    vi.useFakeTimers();
    failures = 1;
    const done = upload();
    await vi.runAllTimersAsync();
    await done;
    expect(sent).toEqual([
      ['part2', 5],
      ['part3', 2],
    ]);
    expect(api.mediaParts).toHaveBeenCalledWith('M');
  });

  it('sends the missing parts when the same file is chosen again after a reload', async () => {
    localStorage.setItem(
      'asyncsns.uploads',
      JSON.stringify({ 'clip.mp4/12/1/video/mp4': { id: 'M', at: Date.now() } }),
    );
    await upload();
    expect(api.createMedia).not.toHaveBeenCalled();
    expect(sent).toEqual([
      ['part2', 5],
      ['part3', 2],
    ]);
  });

  it('starts over when the server no longer has the upload', async () => {
    localStorage.setItem(
      'asyncsns.uploads',
      JSON.stringify({ 'clip.mp4/12/1/video/mp4': { id: 'OLD', at: Date.now() } }),
    );
    vi.mocked(api.mediaParts).mockRejectedValue(new Error('404'));
    await upload();
    expect(sent).toHaveLength(3);
  });

  it('is discarded when it is cancelled, but not after it is complete', async () => {
    const first = new AbortController();
    const done = upload(first.signal);
    await Promise.resolve();
    first.abort();
    await expect(done).rejects.toThrow();
    expect(api.discardMedia).toHaveBeenCalledTimes(1);
    const second = new AbortController();
    await upload(second.signal);
    second.abort();
    expect(api.discardMedia).toHaveBeenCalledTimes(1);
  });
});
