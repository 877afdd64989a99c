import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { api } from '../src/api';
import type { Post } from '../src/api/types';
import { Composer } from '../src/components/composer/composer';
import type { Leave } from '../src/components/composer/use-draft';
import { setLanguage } from '../src/state/settings';
import { toasts } from '../src/state/toasts';
import { takeUnsent } from '../src/state/unsent';

const box = () => document.querySelector('#box')!;
const button = (name: string) => [...box().querySelectorAll('button')].find((one) => one.textContent?.trim() === name)!;
const field = () => box().querySelector('textarea')!;

async function write(text: string): Promise<void> {
  await act(() => {
    field().value = text;
    field().dispatchEvent(new Event('input', { bubbles: true }));
  });
}

const POST = { id: '01P', text: 'first', version: 3, media: [], visibility: 'followers', sensitive: false } as unknown;

describe('the composer', () => {
  beforeEach(() => {
    setLanguage('en');
    document.body.innerHTML = '<div id="box"></div>';
    vi.spyOn(api, 'saveDraft').mockResolvedValue({ id: 'd', version: 1, content: {}, updatedAt: '' });
  });
  afterEach(async () => {
    await act(async () => render(null, box()));
    vi.restoreAllMocks();
  });

  it('publishes a text once and is then empty with nothing to save', async () => {
    const publish = vi.spyOn(api, 'publish').mockResolvedValue({ ...(POST as Post), author: { id: 'me' } } as Post);
    const leaves: (Leave | null)[] = [];
    const posted = vi.fn();
    await act(() => render(<Composer onPosted={posted} onDirty={(leave) => leaves.push(leave)} />, box()));
    expect(button('Post').disabled).toBe(true);
    await write('hello world');
    expect(leaves.at(-1)?.keep).toBeDefined();
    await act(async () => button('Post').click());
    await vi.waitFor(() => expect(posted).toHaveBeenCalledOnce());
    expect(publish).toHaveBeenCalledOnce();
    expect(publish.mock.calls[0]![0]).toMatchObject({ text: 'hello world', visibility: 'public', lang: 'en' });
    await vi.waitFor(() => expect(field().value).toBe(''));
    expect(leaves.at(-1)).toBeNull();
    expect(toasts.value.at(-1)).toMatchObject({ text: 'Posted.', link: { href: '/posts/01P' } });
  });

  it('says that a reply was sent', async () => {
    const replyTo = { ...(POST as Post), author: { handle: 'ann' } } as Post;
    vi.spyOn(api, 'publish').mockResolvedValue({ ...(POST as Post), id: '02R', author: { id: 'me' } } as Post);
    await act(() => render(<Composer replyTo={replyTo} />, box()));
    await write('I agree');
    await act(async () => button('Reply').click());
    await vi.waitFor(() =>
      expect(toasts.value.at(-1)).toMatchObject({ text: 'Reply sent.', link: { href: '/posts/02R' } }),
    );
  });

  it('reports unsaved text before the next key', async () => {
    const leaves: (Leave | null)[] = [];
    await act(() => render(<Composer onDirty={(leave) => leaves.push(leave)} />, box()));
    field().value = 'Half a thought';
    field().dispatchEvent(new Event('input', { bubbles: true }));
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    expect(leaves.at(-1)).not.toBeNull();
  });

  it('keeps unsaved text when the viewer leaves the page', async () => {
    localStorage.clear();
    const save = vi.spyOn(api, 'saveDraft').mockRejectedValue(new Error('the session ended'));
    await act(() => render(<Composer />, box()));
    await write('Half a thought');
    await act(() => render(null, box()));
    await vi.waitFor(() => expect(save).toHaveBeenCalledOnce());
    expect(takeUnsent('')?.content.text).toBe('Half a thought');
    save.mockResolvedValue({ id: 'd', version: 1, content: {}, updatedAt: '' });
    await act(() => render(<Composer />, box()));
    await write('Another thought');
    dispatchEvent(new Event('pagehide'));
    await vi.waitFor(() => expect(save).toHaveBeenCalledTimes(2));
    await vi.waitFor(() => expect(takeUnsent('')).toBeNull());
  });

  it('keeps no discarded text', async () => {
    localStorage.clear();
    const leaves: (Leave | null)[] = [];
    await act(() => render(<Composer onDirty={(leave) => leaves.push(leave)} />, box()));
    await write('Half a thought');
    await act(() => leaves.at(-1)!.discard());
    await act(() => render(null, box()));
    expect(takeUnsent('')).toBeNull();
    expect(api.saveDraft).not.toHaveBeenCalled();
  });

  it('does not send more than 500 user-perceived characters', async () => {
    await act(() => render(<Composer />, box()));
    await write('👩‍👩‍👧'.repeat(500));
    expect(button('Post').disabled).toBe(false);
    await write('👩‍👩‍👧'.repeat(501));
    expect(button('Post').disabled).toBe(true);
  });

  it('saves an edit only after a change, with the version of the edited post', async () => {
    const edit = vi.spyOn(api, 'editPost').mockResolvedValue({ id: '01P', version: 4 } as never);
    const editing = POST as Post;
    const start = { content: { text: 'first', visibility: 'followers' as const }, media: [], editing };
    await act(() => render(<Composer start={start} />, box()));
    expect(box().querySelector('select')).toBeNull();
    expect(button('Save changes').disabled).toBe(true);
    await write('second');
    await act(async () => button('Save changes').click());
    await vi.waitFor(() =>
      expect(edit).toHaveBeenCalledWith('01P', expect.objectContaining({ text: 'second', version: 3 })),
    );
  });

  it('has no reply setting in a reply, and starts with the visibility of its parent', async () => {
    const parent = { ...(POST as Post), author: { handle: 'ann' } } as Post;
    await act(() => render(<Composer replyTo={parent} />, box()));
    expect([...box().querySelectorAll('select')].map((one) => one.value)).toEqual(['followers']);
    expect(box().textContent).toContain('Replying to @ann');
  });

  it('removes a poll and a time with the buttons that added them', async () => {
    await act(() => render(<Composer />, box()));
    const toggle = (label: string) =>
      act(() => box().querySelector<HTMLElement>(`.composer-foot [aria-label="${label}"]`)!.click());
    await toggle('Add a poll');
    await toggle('Choose a time');
    expect(box().querySelector('.poll-editor')).not.toBeNull();
    expect(button('Schedule')).toBeDefined();
    await toggle('Remove the poll');
    await toggle('Publish immediately instead');
    expect(box().querySelector('.poll-editor, .schedule-picker')).toBeNull();
    expect(button('Post')).toBeDefined();
  });
});
