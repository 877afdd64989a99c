import { beforeEach, describe, expect, it } from 'vitest';
import { keepUnsent, keepUntilSaved, registerWriter, takeUnsent } from '../src/state/unsent';

const content = { text: 'Half a thought', visibility: 'public', lang: 'en' } as never;

describe('an unsent post after the end of a session', () => {
  beforeEach(() => localStorage.clear());

  it('is restored once, for its author', () => {
    const leave = registerWriter(() => ({ content }));
    keepUnsent('u1');
    leave();
    expect(takeUnsent('u1')?.content).toEqual(content);
    expect(takeUnsent('u1')).toBeNull();
  });

  it('is not restored for another person', () => {
    const leave = registerWriter(() => ({ content }));
    keepUnsent('u1');
    leave();
    expect(takeUnsent('u2')).toBeNull();
    expect(takeUnsent('u1')).toBeNull();
  });

  it('is kept until the server has saved it', async () => {
    keepUntilSaved('u1', { content }, Promise.resolve(false));
    await Promise.resolve();
    expect(takeUnsent('u1')?.content).toEqual(content);
    keepUntilSaved('u1', { content }, Promise.reject(new Error('no session')));
    await Promise.resolve();
    expect(takeUnsent('u1')?.content).toEqual(content);
    const saved = Promise.resolve(true);
    keepUntilSaved('u1', { content }, saved);
    await saved.then();
    expect(takeUnsent('u1')).toBeNull();
  });

  it('is kept when an older version was saved', async () => {
    const saved = Promise.resolve(true);
    keepUntilSaved('u1', { content }, saved);
    keepUntilSaved('u1', { content: { text: 'Another' } as never }, Promise.resolve(false));
    await saved.then();
    expect(takeUnsent('u1')?.content.text).toBe('Another');
  });

  it('does not exist when nothing was written', () => {
    const leave = registerWriter(() => null);
    keepUnsent('u1');
    leave();
    expect(takeUnsent('u1')).toBeNull();
  });
});
