/** Values that this browser keeps over reloads, as JSON. If storage is unavailable or full, nothing is kept. */
const PREFIX = 'asyncsns.kept.';

export function keep(name: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Private mode, or storage is full.
  }
}

export function kept<T>(name: string): T | null {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name) ?? 'null') as T | null;
  } catch {
    return null;
  }
}

export function forget(...names: string[]): void {
  try {
    for (const name of names) localStorage.removeItem(PREFIX + name);
  } catch {
    // Private mode.
  }
}
