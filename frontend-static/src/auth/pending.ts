/** The password of a sign-up in progress, for the sign-in right after the code; in memory only. */
let remembered: { email: string; password: string } | null = null;

export function rememberPassword(email: string, password: string): void {
  remembered = { email, password };
}

export function takePassword(email: string): string | null {
  const password = remembered?.email === email ? remembered.password : null;
  remembered = null;
  return password;
}
