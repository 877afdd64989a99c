/**
 * The trace that a click starts. The first server that receives it decides about sampling.
 * https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
 */
export const TRACE_HEADER = 'x-amzn-trace-id';

export function newTrace(now = Date.now()): string {
  const began = Math.floor(now / 1000)
    .toString(16)
    .padStart(8, '0');
  return `Root=1-${began}-${hexadecimal(12)};Parent=${hexadecimal(8)}`;
}

function hexadecimal(bytes: number): string {
  return [...crypto.getRandomValues(new Uint8Array(bytes))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
