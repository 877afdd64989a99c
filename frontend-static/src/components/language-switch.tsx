import { language, setLanguage } from '../state/settings';

/** Shows the other language in its own name. */
export function LanguageSwitch() {
  const other = language.value === 'ja' ? 'en' : 'ja';
  return (
    <button type="button" class="link-button" lang={other} onClick={() => setLanguage(other)}>
      {other === 'ja' ? '日本語' : 'English'}
    </button>
  );
}
