import { describe, expect, it } from 'vitest';
import { t } from '../src/i18n';
import { en } from '../src/i18n/en';
import { authMessage } from '../src/i18n/errors';
import { ja } from '../src/i18n/ja';
import { setLanguage } from '../src/state/settings';

describe('catalogue', () => {
  it('has every message in both languages, and no empty one', () => {
    expect(Object.keys(ja).sort()).toEqual(Object.keys(en).sort());
    for (const catalogue of [en, ja]) {
      for (const message of Object.values(catalogue))
        if (typeof message === 'string') expect(message.trim()).not.toBe('');
    }
  });

  it('uses the selected language', () => {
    setLanguage('ja');
    expect(t('nav.home')).toBe('ホーム');
    expect(t('post.likeCount', 1200)).toBe('いいね1,200件');
    setLanguage('en');
    expect(t('post.likeCount', 1)).toBe('1 like');
    expect(t('post.likeCount', 2)).toBe('2 likes');
    expect(document.documentElement.lang).toBe('en');
  });

  it('asks a locked-out user to wait instead of naming a wrong password', () => {
    setLanguage('en');
    const refused = (message: string) => Object.assign(new Error(message), { name: 'NotAuthorizedException' });
    expect(authMessage(refused('Incorrect username or password.'))).toBe(en['error.auth.NotAuthorizedException']);
    expect(authMessage(refused('Password attempts exceeded'))).toBe(en['error.auth.LimitExceededException']);
  });
});
