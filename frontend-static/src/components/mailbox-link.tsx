import { config } from '../config';
import { t } from '../i18n';
import { Icon } from './icon';

/** In local targets, mail goes to the kit's mailbox page. */
export function MailboxLink() {
  const href = config().links.mailbox;
  if (!href) return null;
  return (
    <a class="notice notice-link" href={href} target="_blank" rel="noopener">
      <Icon name="mail" /> {t('auth.openMailbox')} <Icon name="external" size={16} />
    </a>
  );
}
