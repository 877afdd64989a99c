import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { api } from '../src/api';
import type { Author, Post, Profile } from '../src/api/types';
import { me, setMe } from '../src/auth/session';
import { Avatar } from '../src/components/avatar';
import { PersonRow } from '../src/components/person-row';
import { PostCard } from '../src/components/post-card';
import { ProfileForm } from '../src/components/profile-form';
import { kept } from '../src/lib/kept';

const ANN = { id: 'A', handle: 'ann', displayName: 'Ann', avatarUrl: '/old.webp' } as Profile;
const BOB = { id: 'B', handle: 'bob', displayName: 'Bob', avatarUrl: '/bob.webp' } as Profile;
const SAVED = { ...ANN, handle: 'anna', displayName: 'Anna', avatarUrl: '/new.webp' };

const postOf = (author: Author, quoted?: Post): Post =>
  ({
    id: `by-${author.id}-${quoted?.id ?? ''}`,
    author,
    text: 'hello',
    media: [],
    reactions: [],
    counts: { replies: 0, reposts: 0, quotes: 0, likes: 0 },
    viewer: {},
    entities: [],
    createdAt: '2026-12-01T00:00:00Z',
    visibility: 'public',
    quote: quoted ? { postId: quoted.id, state: 'shown', post: quoted } : null,
  }) as unknown as Post;

let host: HTMLElement;
const pictures = () => [...host.querySelectorAll<HTMLImageElement>('img.avatar')].map((one) => one.getAttribute('src'));
const field = (name: string) => host.querySelector<HTMLInputElement>(`[name=${name}]`)!;

beforeEach(() => {
  host = document.createElement('div');
  document.body.append(host);
  setMe(ANN);
});
afterEach(() => {
  render(null, host);
  host.remove();
  me.value = null;
  localStorage.clear();
  vi.restoreAllMocks();
});

describe('a changed profile of the viewer', () => {
  it('is shown on posts, quoted posts and in lists that were loaded before', async () => {
    const own = postOf(ANN);
    await act(() =>
      render(
        <>
          <PostCard post={own} />
          <PostCard post={postOf(BOB, own)} />
          <PersonRow person={ANN} />
        </>,
        host,
      ),
    );
    expect(pictures()).toEqual(['/old.webp', '/bob.webp', '/old.webp', '/old.webp']);
    await act(() => setMe(SAVED));
    expect(pictures()).toEqual(['/new.webp', '/bob.webp', '/new.webp', '/new.webp']);
    expect([...host.querySelectorAll('b bdi')].map((one) => one.textContent)).toEqual(['Anna', 'Bob', 'Anna', 'Anna']);
    expect(host.querySelector('a[href="/@ann"]')).toBeNull();
    await act(() => setMe({ ...SAVED, avatarUrl: null }));
    expect(pictures()).toEqual(['/bob.webp']);
  });

  it('is kept for the next visit when the form is saved', async () => {
    vi.spyOn(api, 'putMe').mockResolvedValue(SAVED);
    const saved = vi.fn();
    await act(() => render(<ProfileForm initial={{ ...ANN, fields: [] }} action="Save" onSaved={saved} />, host));
    await act(async () => {
      field('displayName').form!.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }));
    });
    await vi.waitFor(() => expect(saved).toHaveBeenCalledWith(SAVED));
    expect(me.value).toEqual(SAVED);
    expect(kept('me')).toEqual(SAVED);
  });

  it('does not replace a picture that is only chosen so far', async () => {
    await act(() => render(<Avatar of={{ ...ANN, avatarUrl: 'blob:chosen' }} asGiven />, host));
    expect(pictures()).toEqual(['blob:chosen']);
  });
});
