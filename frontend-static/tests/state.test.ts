/** Names of the exports of `src/state/`: the rules of `docs/web-ui.md`. */
import { Signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';

const modules = import.meta.glob<Record<string, unknown>>('../src/state/*.ts', { eager: true });
const exported = Object.entries(modules).flatMap(([path, module]) =>
  Object.entries(module).map(([name, value]) => ({ at: `${path.split('/').pop()} ${name}`, name, value })),
);
const VERBS = /^(load|start|stop|reset|toggle|set|save|delete|open|close|get|apply|is|has|can|may|use)[A-Z]/;
const places = (found: typeof exported) => found.map(({ at }) => at);

describe('exports of state', () => {
  it('that are functions are named with a verb and its object', () => {
    const functions = exported.filter(({ value }) => typeof value === 'function');
    expect(functions.length).toBeGreaterThan(100);
    expect(places(functions.filter(({ name }) => !/^[a-z]+[A-Z]/.test(name)))).toEqual([]);
  });

  it('that are signals are named after their values', () => {
    const signals = exported.filter(({ value }) => value instanceof Signal && typeof value.peek() !== 'boolean');
    expect(signals.length).toBeGreaterThan(20);
    expect(places(signals.filter(({ name }) => VERBS.test(name)))).toEqual([]);
  });

  it('that are constants are in capitals', () => {
    const constants = exported.filter(({ value }) => typeof value !== 'function' && !(value instanceof Signal));
    expect(places(constants.filter(({ name }) => !/^[A-Z][A-Z_]+$/.test(name)))).toEqual([]);
  });

  it('have unique names', () => {
    const names = exported.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});
