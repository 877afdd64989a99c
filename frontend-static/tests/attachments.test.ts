import { describe, expect, it } from 'vitest';
import { timeUntil } from '../src/lib/time';
import { setLanguage } from '../src/state/settings';
import type { Attachment } from '../src/state/uploads';
import { moveAttachment } from '../src/state/uploads';

const items = [...'abcd'].map((id) => ({ id }) as Attachment);
const order = (id: string, to: number) =>
  moveAttachment(items, items.find((one) => one.id === id)!, to)
    .map((one) => one.id)
    .join('');

describe('the order of attachments', () => {
  it('moves one attachment and keeps the order of the others', () => {
    expect([order('a', 0), order('a', 1), order('a', 3), order('d', 0), order('c', 1)]).toEqual([
      'abcd',
      'bacd',
      'bcda',
      'dabc',
      'acbd',
    ]);
  });
});

describe('timeUntil', () => {
  it('uses the largest whole unit and never goes below zero', () => {
    setLanguage('en');
    const now = Date.parse('2026-01-01T00:00:00Z');
    const until = (seconds: number) => timeUntil(new Date(now + seconds * 1000).toISOString(), now);
    expect([until(90_000), until(3600), until(3599), until(59.2), until(-5)]).toEqual([
      '1 day',
      '1 hour',
      '59 minutes',
      '1 minute',
      '0 seconds',
    ]);
    setLanguage('ja');
    expect(until(172_800)).toBe('2日');
  });
});
