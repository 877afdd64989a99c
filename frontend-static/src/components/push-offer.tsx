import { t } from '../i18n';
import { route } from '../router';
import { acceptPushOffer, declinePushOffer, pushOffered } from '../state/push-offer';
import { Icon } from './icon';

/**
 * A card at the bottom of the page, or in a conversation (`inline`) between messages and field: it does not block the
 * page. The browser's own prompt follows only after "yes".
 */
export function PushOffer({ inline = false }: { inline?: boolean }) {
  if (!pushOffered.value || inline !== (route.value.name === 'conversation')) return null;
  return (
    <aside class={`push-offer ${inline ? 'is-inline' : ''}`} aria-labelledby="push-offer-title">
      <Icon name="bell" size={26} />
      <div>
        <h2 id="push-offer-title">{t('push.offer')}</h2>
        <p class="muted">{t('push.offerHint')}</p>
        <div class="button-row">
          <button type="button" class="button button-primary" onClick={() => void acceptPushOffer()}>
            {t('push.accept')}
          </button>
          <button type="button" class="button" onClick={declinePushOffer}>
            {t('push.decline')}
          </button>
        </div>
      </div>
    </aside>
  );
}
