import { useEffect } from 'preact/hooks';
import { Avatar } from '../components/avatar';
import { Icon, type IconName } from '../components/icon';
import { LanguageSwitch } from '../components/language-switch';
import { Wordmark } from '../components/logo';
import { t } from '../i18n';
import { setPageTitle } from '../lib/title';

const POINTS: readonly (readonly [IconName, 1 | 2 | 3])[] = [
  ['image', 1],
  ['search', 2],
  ['chat', 3],
];

/** The visitors' page: what asyncsns is. */
export function LandingPage() {
  useEffect(() => {
    setPageTitle(`asyncsns — ${t('app.tagline')}`);
  });
  return (
    <div class="landing">
      <header class="landing-top">
        <a href="/" aria-label="asyncsns">
          <Wordmark />
        </a>
        <nav aria-label={t('nav.main')}>
          <a href="/architecture">{t('landing.architecture')}</a>
          <LanguageSwitch />
          <a class="button" href="/sign-in">
            {t('landing.signIn')}
          </a>
        </nav>
      </header>
      <main id="main">
        <section class="hero">
          <div class="hero-words">
            <h1 tabIndex={-1}>{t('landing.title')}</h1>
            <p>{t('landing.lead')}</p>
            <div class="hero-actions">
              <a class="button button-primary button-large" href="/sign-up">
                {t('landing.join')}
              </a>
              <a class="button button-large" href="/sign-in">
                {t('landing.signIn')}
              </a>
            </div>
          </div>
          <DemoThread />
        </section>
        <section class="points">
          {POINTS.map(([icon, number]) => (
            <div class="point" key={icon}>
              <span class="point-mark">
                <Icon name={icon} size={24} />
              </span>
              <h2>{t(`landing.point.${number}`)}</h2>
              <p>{t(`landing.pointHint.${number}`)}</p>
            </div>
          ))}
        </section>
      </main>
      <footer class="landing-foot muted">asyncsns · {t('app.source')}</footer>
    </div>
  );
}

/** An example conversation of two people, three hours apart. */
function DemoThread() {
  const hana = { id: 'hana-demo', displayName: 'Hana', avatarUrl: null };
  const leo = { id: 'leo-demo-2', displayName: 'Leo', avatarUrl: null };
  return (
    <div class="demo" aria-hidden="true">
      <div class="demo-card">
        <Avatar of={hana} size={42} />
        <div>
          <b>Hana</b> <span class="muted">9:12</span>
          <p>{t('landing.demo.1')}</p>
          <div class="demo-photos">
            <i class="demo-photo demo-photo-1" />
            <i class="demo-photo demo-photo-2" />
          </div>
        </div>
      </div>
      <div class="demo-gap">
        <span>{t('landing.demo.3')}</span>
      </div>
      <div class="demo-card demo-card-2">
        <Avatar of={leo} size={42} />
        <div>
          <b>Leo</b> <span class="muted">12:20</span>
          <p>{t('landing.demo.2')}</p>
        </div>
      </div>
    </div>
  );
}
