/** The error messages for people, in their language. */
import { ApiError } from '../api/problem';
import { isKey, type Key, t } from './index';

export function errorMessage(error: unknown): string {
  if (error instanceof ApiError) {
    const keys = [
      `error.problem.${error.slug}`,
      error.status >= 500 ? 'error.problem.http-5xx' : `error.problem.http-${error.status}`,
    ];
    const key = keys.find(isKey);
    if (key) return t(key as 'error.problem.generic');
  }
  return t('error.problem.generic');
}

/** Cognito has no separate exception for a lockout after wrong passwords. */
const LOCKED_OUT = 'Password attempts exceeded';

/** When a signed-in person changes the password, the wrong one is the current password. */
export function newPasswordMessage(error: unknown): string {
  const wrong = error instanceof Error && error.message === WRONG_PASSWORD;
  return wrong ? t('access.wrongPassword') : authMessage(error);
}

const WRONG_PASSWORD = 'Incorrect username or password.';

/** Messages for Cognito's errors, by exception name. */
export function authMessage(error: unknown): string {
  const known = error instanceof Error ? error : null;
  const name = known?.message === LOCKED_OUT ? 'LimitExceededException' : (known?.name ?? '');
  const key = `error.auth.${name}`;
  return isKey(key) ? t(key as Extract<Key, 'error.auth.unknown'>) : t('error.auth.unknown');
}
