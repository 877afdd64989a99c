/** Random ids for idempotency and client-side names. */
export function newId(): string {
  return crypto.randomUUID();
}

const BASE32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A ULID (github.com/ulid/spec): ten characters of milliseconds, sixteen random ones. */
export function newUlid(now = Date.now()): string {
  let time = '';
  for (let rest = now; time.length < 10; rest = Math.floor(rest / 32)) time = BASE32.charAt(rest % 32) + time;
  const chance = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => BASE32.charAt(byte % 32)).join('');
  return time + chance;
}
