import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { api } from '../api';
import { ApiError } from '../api/problem';
import { Empty, Failure, PostSkeleton } from '../components/feedback';
import { PageHead } from '../components/page-head';
import { t } from '../i18n';
import { navigate } from '../router';

/** Redirects to a profile by user id, which does not change with the handle. */
export function PersonPage({ id }: { id: string }) {
  const error = useSignal<unknown>(null);
  const load = async () => {
    error.value = null;
    try {
      navigate(`/@${(await api.user(id)).handle}`, { replace: true });
    } catch (failure) {
      error.value = failure;
    }
  };
  useEffect(() => void load(), []);
  const missing = error.value instanceof ApiError && error.value.status === 404;
  return (
    <>
      <PageHead title={t('nav.profile')} parent="/" />
      {missing ? (
        <Empty icon="user" title={t('profile.notFound')} />
      ) : error.value ? (
        <Failure error={error.value} retry={() => void load()} />
      ) : (
        <PostSkeleton />
      )}
    </>
  );
}
