import { Empty } from '../components/feedback';
import { PageHead } from '../components/page-head';
import { t } from '../i18n';

export function NotFoundPage() {
  return (
    <>
      <PageHead title={t('app.notFound')} parent="/" />
      <Empty icon="search" title={t('app.notFound')} hint={t('app.notFoundHint')}>
        <a class="button button-primary" href="/">
          {t('app.home')}
        </a>
      </Empty>
    </>
  );
}
