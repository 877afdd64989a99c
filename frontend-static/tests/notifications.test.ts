import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ICONS, png } from '../icons';
import { deviceName } from '../src/lib/device-name';
import { mayOfferPush } from '../src/state/push-offer';

const DAY = 24 * 3600 * 1000;

describe('the offer of push notifications', () => {
  it('appears again after longer and longer waits, and not after the third refusal', () => {
    const now = 1000 * DAY;
    expect(mayOfferPush({ refusals: 0, at: 0 }, now)).toBe(true);
    expect(mayOfferPush({ refusals: 1, at: now - 13 * DAY }, now)).toBe(false);
    expect(mayOfferPush({ refusals: 1, at: now - 15 * DAY }, now)).toBe(true);
    expect(mayOfferPush({ refusals: 2, at: now - 89 * DAY }, now)).toBe(false);
    expect(mayOfferPush({ refusals: 3, at: 0 }, now)).toBe(false);
  });
});

describe('device names', () => {
  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox · Linux'],
    ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0', 'Edge · Windows'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile/15E148 Safari/604.1',
      'Safari · iPhone',
    ],
    ['Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36', 'Chrome · Android'],
    ['curl/8', ''],
  ])('%s', (agent, name) => expect(deviceName(agent)).toBe(name));
});

describe('icons', () => {
  it('are PNG files of their size, and the Apple icon has no transparent corner', () => {
    const { size } = ICONS['icon-192.png']!;
    const file = png(ICONS['icon-192.png']!);
    expect([file.readUInt32BE(16), file.readUInt32BE(20)]).toEqual([size, size]);
    const data = inflateSync(file.subarray(41, 41 + file.readUInt32BE(33)));
    expect(data.length).toBe(size * (size * 4 + 1));
    expect(data[4]).toBe(0); // The corner is transparent,
    expect(data[(size / 2) * (size * 4 + 1) + 1 + (size / 2) * 4 + 3]).toBe(255); // the middle is not.
    const whole = png(ICONS['apple-touch-icon.png']!);
    expect(inflateSync(whole.subarray(41, 41 + whole.readUInt32BE(33)))[4]).toBe(255);
  });
});
