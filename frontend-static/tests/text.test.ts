import { describe, expect, it } from 'vitest';
import { isolated } from '../src/lib/bidi';
import { isComposing } from '../src/lib/typing';

describe('isolated', () => {
  it('leaves left-to-right text unchanged', () => {
    for (const text of ['Hana', '花', 'é 🎉']) expect(isolated(text)).toBe(text);
  });

  it('isolates right-to-left text and direction marks', () => {
    for (const text of ['\u202Eevil', 'שלום', 'مرحبا', 'a\u2066b', 'a\u2069b\u202E']) {
      expect(isolated(text), text).toMatch(/^\u2068[^\u2066-\u2069]*\u2069$/);
    }
  });
});

describe('isComposing', () => {
  it('recognises the Enter that ends a composition, also in Safari', () => {
    expect(isComposing(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true }))).toBe(true);
    expect(isComposing(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229 }))).toBe(true);
    expect(isComposing(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 13 }))).toBe(false);
  });
});
