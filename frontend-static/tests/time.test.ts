import { afterEach, describe, expect, it } from 'vitest';
import { t } from '../src/i18n';
import { ja } from '../src/i18n/ja';
import { clock, dayName, fullTime, shortTime, timeUntil } from '../src/lib/time';
import { setLanguage } from '../src/state/settings';

const NOW = Date.parse('2026-11-29T12:00:00Z');
const ago = (seconds: number) => shortTime(new Date(NOW - seconds * 1000).toISOString(), NOW);
const ahead = (seconds: number) => timeUntil(new Date(NOW + seconds * 1000).toISOString(), NOW);
const [MINUTE, HOUR, DAY] = [60, 3600, 86_400] as const;

describe('time in words', () => {
  afterEach(() => setLanguage('en'));

  it.each([
    [0, 'now', 'いま'],
    [30, '30s', '30秒'],
    [9 * MINUTE, '9m', '9分'],
    [3 * HOUR + 59 * MINUTE, '3h', '3時間'],
    [2 * DAY, '2d', '2日'],
    [7 * DAY, '7d', '7日'],
    [20 * DAY, 'Nov 9', '11月9日'],
    [400 * DAY, 'Oct 25, 2025', '2025年10月25日'],
    // A clock ahead of the server's.
    [-30, 'now', 'いま'],
  ])('gives the elapsed time: %d s', (seconds, english, japanese) => {
    setLanguage('en');
    expect(ago(seconds)).toBe(english);
    setLanguage('ja');
    expect(ago(seconds)).toBe(japanese);
  });

  it.each([
    [-5, '0 seconds', '0秒'],
    [1, '1 second', '1秒'],
    [MINUTE, '1 minute', '1分'],
    [9 * MINUTE, '9 minutes', '9分'],
    [HOUR, '1 hour', '1時間'],
    [5 * HOUR, '5 hours', '5時間'],
    [6 * DAY + 5, '6 days', '6日'],
  ])('gives the remaining time: %d s', (seconds, english, japanese) => {
    setLanguage('en');
    expect(ahead(seconds)).toBe(english);
    expect(t('poll.timeLeft', ahead(seconds))).toBe(`${english} left`);
    setLanguage('ja');
    expect(ahead(seconds)).toBe(japanese);
    expect(t('poll.timeLeft', ahead(seconds))).toBe(`残り${japanese}`);
  });

  it('has neither spaces before units nor Latin units in Japanese', () => {
    setLanguage('ja');
    for (const said of [fullTime, dayName, clock].map((say) => say('2026-11-29T03:04:00Z')))
      expect(said).not.toMatch(/\d [時分秒日]|\d[smhd]/);
    for (const message of Object.values(ja)) {
      const said = typeof message === 'function' ? (message as (...values: unknown[]) => string)(3, 3, 3) : message;
      expect(said).not.toMatch(/\d (時間|分|秒|日|週間)/);
    }
  });
});
