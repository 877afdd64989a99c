import { ProfileForm } from '../components/profile-form';
import { t } from '../i18n';
import { navigate } from '../router';
import { AuthFrame } from './auth-frame';

/** Shown after the first sign-in: the profile is created here, not by the sign-up. */
export function WelcomePage() {
  return (
    <AuthFrame title={t('welcome.title')} lead={t('welcome.lead')}>
      <ProfileForm initial={null} action={t('welcome.start')} onSaved={() => navigate('/', { replace: true })} />
    </AuthFrame>
  );
}
