/**
 * The app's icons as PNG, which installation requires; the build draws them from the same shapes as `public/icon.svg`.
 */
import { deflateSync } from 'node:zlib';
import type { Plugin } from 'vite';

type Rgba = [number, number, number, number];
const PINE: Rgba = [10, 103, 87, 255];
const WHITE: Rgba = [255, 255, 255, 255];
const PERSIMMON: Rgba = [255, 158, 117, 255];
const CLEAR: Rgba = [0, 0, 0, 0];
const UNITS = 32;
const SAMPLES = 3;

interface Look {
  size: number;
  /** Fills the whole square; the shapes stay inside the safe zone of maskable icons. */
  maskable?: boolean;
  /** White on transparent: Android shows it in the status bar. */
  badge?: boolean;
}

export const ICONS: Record<string, Look> = {
  'icon-192.png': { size: 192 },
  'icon-512.png': { size: 512 },
  'icon-maskable-512.png': { size: 512, maskable: true },
  'apple-touch-icon.png': { size: 180, maskable: true },
  'badge-96.png': { size: 96, badge: true },
};

/** The colour at a point of the 32×32 drawing. */
function colourAt(x: number, y: number, look: Look): Rgba {
  const scale = look.maskable ? 1.25 : 1;
  const [dx, dy] = [(x - 16) * scale + 16, (y - 16) * scale + 16];
  if (Math.hypot(dx - 22.6, dy - 9.4) <= 3.1) return look.badge ? WHITE : PERSIMMON;
  const angle = (Math.atan2(dy - 16, dx - 16) + 2 * Math.PI) % (2 * Math.PI);
  const onArc = angle <= 40 / 8.5 && Math.abs(Math.hypot(dx - 16, dy - 16) - 8.5) <= 1.8;
  const end = 40 / 8.5;
  const caps =
    Math.hypot(dx - 24.5, dy - 16) <= 1.8 ||
    Math.hypot(dx - 16 - 8.5 * Math.cos(end), dy - 16 - 8.5 * Math.sin(end)) <= 1.8;
  if (onArc || caps) return WHITE;
  if (look.badge) return CLEAR;
  if (look.maskable) return PINE;
  const corner = Math.hypot(Math.max(0, Math.abs(x - 16) - 7), Math.max(0, Math.abs(y - 16) - 7));
  return corner <= 9 ? PINE : CLEAR;
}

function pixels(look: Look): Buffer {
  const { size } = look;
  const rows = Buffer.alloc(size * (size * 4 + 1));
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const sum: Rgba = [0, 0, 0, 0];
      for (let sample = 0; sample < SAMPLES * SAMPLES; sample += 1) {
        const x = ((column + ((sample % SAMPLES) + 0.5) / SAMPLES) * UNITS) / size;
        const y = ((row + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES) * UNITS) / size;
        const [red, green, blue, alpha] = colourAt(x, y, look);
        sum[0] += red * alpha;
        sum[1] += green * alpha;
        sum[2] += blue * alpha;
        sum[3] += alpha;
      }
      const at = row * (size * 4 + 1) + 1 + column * 4;
      for (let part = 0; part < 3; part += 1) rows[at + part] = sum[3] ? Math.round(sum[part]! / sum[3]) : 0;
      rows[at + 3] = Math.round(sum[3] / (SAMPLES * SAMPLES));
    }
  }
  return rows;
}

const CRC = Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  let crc = 0xffffffff;
  for (const byte of body) crc = CRC[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  const frame = Buffer.alloc(8 + body.length);
  frame.writeUInt32BE(data.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE((crc ^ 0xffffffff) >>> 0, 4 + body.length);
  return frame;
}

/** PNG (RFC 2083): 8 bits, RGBA, no filter. */
export function png(look: Look): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(look.size, 0);
  header.writeUInt32BE(look.size, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(pixels(look), { level: 9 });
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

export function appIcons(): Plugin {
  return {
    name: 'app-icons',
    generateBundle() {
      for (const [fileName, look] of Object.entries(ICONS))
        this.emitFile({ type: 'asset', fileName, source: png(look) });
    },
  };
}
