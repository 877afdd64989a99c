/**
 * Framing on a stream: a four-byte big-endian length, then that many bytes of UTF-8 (docs/emulation/webtransport.md).
 */

const HEAD = 4;

export function encodeFrame(text: string): Uint8Array<ArrayBuffer> {
  const body = new TextEncoder().encode(text);
  const frame = new Uint8Array(HEAD + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, HEAD);
  return frame;
}

/** Reassembles frames from chunks of any size. */
export class FrameReader {
  private rest: Uint8Array = new Uint8Array(0);

  push(chunk: Uint8Array): string[] {
    const data = new Uint8Array(this.rest.length + chunk.length);
    data.set(this.rest);
    data.set(chunk, this.rest.length);
    const view = new DataView(data.buffer);
    const frames: string[] = [];
    let at = 0;
    while (data.length - at >= HEAD) {
      const end = at + HEAD + view.getUint32(at);
      if (data.length < end) break;
      frames.push(new TextDecoder().decode(data.subarray(at + HEAD, end)));
      at = end;
    }
    this.rest = data.subarray(at);
    return frames;
  }
}
