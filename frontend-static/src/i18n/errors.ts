/** What a failure says to a person, in their language. */
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

/** Cognito has no exception of its own for a user who is locked out after wrong passwords. */
const LOCKED_OUT = 'Password attempts exceeded';

/** Of changing the password while signed in: what is wrong then is the current one. */
export function newPasswordMessage(error: unknown): string {
  const wrong = error instanceof Error && error.message === WRONG_PASSWORD;
  return wrong ? t('access.wrongPassword') : authMessage(error);
}

const WRONG_PASSWORD = 'Incorrect username or password.';

/** Messages of Cognito by the name of its exception. */
export function authMessage(error: unknown): string {
  const known = error instanceof Error ? error : null;
  const name = known?.message === LOCKED_OUT ? 'LimitExceededException' : (known?.name ?? '');
  const key = `error.auth.${name}`;
  return isKey(key) ? t(key as Extract<Key, 'error.auth.unknown'>) : t('error.auth.unknown');
}
