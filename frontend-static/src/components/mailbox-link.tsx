import { config } from '../config';
import { t } from '../i18n';
import { Icon } from './icon';

/** Locally, mail goes to a mailbox page of the kit instead of the world. */
export function MailboxLink() {
  const href = config().links.mailbox;
  if (!href) return null;
  return (
    <a class="notice notice-link" href={href} target="_blank" rel="noopener">
      <Icon name="mail" /> {t('auth.openMailbox')} <Icon name="external" size={16} />
    </a>
  );
}
