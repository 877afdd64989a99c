/** The password of a sign-up in progress, for signing in right after the code; in memory only. */
let kept: { email: string; password: string } | null = null;

export function keepPassword(email: string, password: string): void {
  kept = { email, password };
}

export function takePassword(email: string): string | null {
  const password = kept?.email === email ? kept.password : null;
  kept = null;
  return password;
}
