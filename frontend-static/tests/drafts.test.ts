import { beforeEach, describe, expect, it, vi } from 'vitest';
import { api } from '../src/api';
import { problemFrom } from '../src/api/problem';
import type { Draft, PostContent } from '../src/api/types';
import { completePoll } from '../src/lib/new-poll';
import { isSchedulable, toLocalInput } from '../src/lib/schedule';
import { createAutosave } from '../src/state/autosave';

const poll = (...options: string[]) => ({ options, multiple: false, durationSeconds: 300 });

describe('a poll', () => {
  it('is complete with two to four different options', () => {
    expect(completePoll(poll(' Tea ', 'Coffee', ''))?.options).toEqual(['Tea', 'Coffee']);
    expect(completePoll(poll('Tea', ''))).toBeNull();
    expect(completePoll(poll('Tea', ' tea'))).toBeNull();
    expect(completePoll(poll('Tea', 'x'.repeat(51)))).toBeNull();
    expect(completePoll(poll('👨‍👩‍👧'.repeat(50), 'Tea'))).not.toBeNull();
  });
});

describe('a time to publish', () => {
  it('is from one minute to 180 days ahead', () => {
    const now = new Date('2026-01-01T12:00:30Z').getTime();
    const ahead = (ms: number) => isSchedulable(toLocalInput(now + ms), now);
    expect([ahead(0), ahead(60_000), ahead(3 * 60_000), ahead(179 * 86_400_000), ahead(182 * 86_400_000)]).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
    expect(isSchedulable('', now)).toBe(false);
  });
});

describe('autosave', () => {
  const saved: { id: string; content: PostContent; version: number | undefined }[] = [];
  let answer: (id: string) => void;
  let content: PostContent | null;

  beforeEach(() => {
    saved.length = 0;
    answer = () => undefined;
    content = { text: 'a' };
    vi.spyOn(api, 'saveDraft').mockImplementation(async (id, body, version) => {
      answer(id);
      saved.push({ id, content: body, version });
      return { id, content: body, updatedAt: '', version: (version ?? 0) + 1 } satisfies Draft;
    });
    vi.spyOn(api, 'deleteDraft').mockResolvedValue(undefined);
  });

  it('saves each content once, as versions of one draft', async () => {
    const autosave = createAutosave(() => content);
    await Promise.all([autosave.flush(), autosave.flush()]);
    content = { text: 'ab' };
    await autosave.flush();
    expect(saved.map((one) => one.version)).toEqual([undefined, 1]);
    expect(new Set(saved.map((one) => one.id)).size).toBe(1);
    expect(autosave.state.value).toBe('saved');
  });

  it('saves a second draft when another device changed the first', async () => {
    const autosave = createAutosave(() => content, { id: 'old', content: {}, updatedAt: '', version: 3 });
    answer = (id) => {
      if (id === 'old') throw problemFrom(409, { type: 'conflict', title: 'Conflict' });
    };
    await autosave.flush();
    expect(saved).toHaveLength(1);
    expect(saved[0]!.id).not.toBe('old');
    expect(autosave.state.value).toBe('saved');
  });

  it('reports that the limit of drafts is reached', async () => {
    const autosave = createAutosave(() => content);
    answer = () => {
      throw problemFrom(422, { type: 'unprocessable', title: 'Unprocessable Content' });
    };
    await autosave.flush();
    expect(autosave.state.value).toBe('full');
  });

  it('is behind until the content is saved or discarded', async () => {
    const autosave = createAutosave(() => content);
    expect(autosave.isBehind()).toBe(true);
    expect(await autosave.keep()).toBe(true);
    expect(autosave.isBehind()).toBe(false);
    content = { text: 'ab' };
    expect(autosave.isBehind()).toBe(true);
    await autosave.forget();
    expect(autosave.isBehind()).toBe(false);
    await autosave.flush();
    expect(saved).toHaveLength(1);
    autosave.touch();
    expect(autosave.isBehind()).toBe(true);
    autosave.stop();
  });

  it('deletes the draft of a published post and saves the next one under another id', async () => {
    const autosave = createAutosave(() => content);
    await autosave.flush();
    await autosave.forget();
    expect(api.deleteDraft).toHaveBeenCalledWith(saved[0]!.id);
    autosave.touch();
    await autosave.flush();
    expect(saved[1]!.id).not.toBe(saved[0]!.id);
    expect(saved[1]!.version).toBeUndefined();
  });
});
