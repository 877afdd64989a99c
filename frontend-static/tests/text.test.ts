import { describe, expect, it } from 'vitest';
import { isolated } from '../src/lib/bidi';
import { isComposing } from '../src/lib/typing';

describe('isolated', () => {
  it('leaves text of one direction as it is', () => {
    for (const text of ['Hana', '花', 'é 🎉']) expect(isolated(text)).toBe(text);
  });

  it('ends the direction of foreign text with it', () => {
    for (const text of ['\u202Eevil', 'שלום', 'مرحبا', 'a\u2066b', 'a\u2069b\u202E']) {
      expect(isolated(text), text).toMatch(/^\u2068[^\u2066-\u2069]*\u2069$/);
    }
  });
});

describe('isComposing', () => {
  it('knows the Enter that ends a composition, as Safari reports it too', () => {
    expect(isComposing(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true }))).toBe(true);
    expect(isComposing(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229 }))).toBe(true);
    expect(isComposing(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 13 }))).toBe(false);
  });
});
