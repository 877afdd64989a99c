import { isModerator, isOperator, profile, session, subject } from '../auth/session';
import { t } from '../i18n';
import { navigate, type PageName, route } from '../router';
import { openComposer } from '../state/composer';
import { unreadChatCount } from '../state/conversations';
import { unreadCount } from '../state/notifications';
import { Avatar } from './avatar';
import { Icon, type IconName } from './icon';
import { Logo, Wordmark } from './logo';
import { Menu } from './menu';

interface Item {
  href: string;
  icon: IconName;
  label: string;
  pages: PageName[];
  count?: number;
  /** Shown in the phone's bottom bar. */
  bar?: boolean;
}

function items(): Item[] {
  const self = profile.value;
  const signedIn = session.value === 'in';
  const all: (Item | false | null)[] = [
    { href: '/', icon: 'home', label: t('nav.home'), pages: signedIn ? ['home', 'public'] : ['home'], bar: true },
    { href: '/search', icon: 'search', label: t('nav.search'), pages: ['search', 'tag'], bar: true },
    signedIn && {
      href: '/notifications',
      icon: 'bell',
      label: t('nav.notifications'),
      pages: ['notifications'],
      count: unreadCount.value,
      bar: true,
    },
    signedIn && {
      href: '/messages',
      icon: 'chat',
      label: t('nav.messages'),
      pages: ['messages', 'conversation'],
      count: unreadChatCount.value,
      bar: true,
    },
    signedIn && { href: '/bookmarks', icon: 'bookmark', label: t('bookmark.title'), pages: ['bookmarks'] },
    // Also before the profile has loaded, so that the list does not grow under the pointer.
    signedIn && {
      href: self ? `/@${self.handle}` : `/users/${subject.value}`,
      icon: 'user',
      label: t('nav.profile'),
      pages: [],
      bar: true,
    },
    signedIn && { href: '/drafts', icon: 'drafts', label: t('drafts.title'), pages: ['drafts', 'scheduled'] },
    signedIn && { href: '/lists', icon: 'list', label: t('lists.title'), pages: ['lists', 'list', 'list-members'] },
    { href: '/architecture', icon: 'diagram', label: t('nav.architecture'), pages: ['architecture'] },
    isModerator.value && {
      href: '/moderation',
      icon: 'flag',
      label: t('nav.moderation'),
      pages: ['moderation', 'moderation-case'],
    },
    isOperator.value && { href: '/ops', icon: 'shield', label: t('nav.ops'), pages: ['ops'] },
    {
      href: '/settings',
      icon: 'settings',
      label: t('nav.settings'),
      pages: ['settings', 'notification-settings', 'blocked', 'muted', 'muted-words', 'muted-threads'],
    },
  ];
  return all.filter((item): item is Item => Boolean(item));
}

function isCurrent(item: Item): boolean {
  return item.pages.includes(route.value.name) || route.value.path === item.href;
}

function NavLink({ item }: { item: Item }) {
  return (
    <a href={item.href} aria-current={isCurrent(item) ? 'page' : undefined} class="nav-link">
      <span class="nav-icon">
        <Icon name={item.icon} size={25} />
        {item.count ? (
          <span class="badge">
            <span aria-hidden="true">{item.count > 99 ? '99+' : item.count}</span>
            <span class="visually-hidden">{t('nav.unreadCount', item.count)}</span>
          </span>
        ) : null}
      </span>
      <span class="nav-label">{item.label}</span>
    </a>
  );
}

/** Navigation at the left of wide screens. */
export function Rail() {
  const self = profile.value;
  return (
    <header class="rail">
      <a class="rail-brand" href="/" aria-label="asyncsns">
        <Wordmark />
      </a>
      <nav aria-label={t('nav.main')}>
        {items().map((item) => (
          <NavLink key={item.href} item={item} />
        ))}
      </nav>
      {session.value === 'in' && (
        <button type="button" class="button button-primary rail-post" disabled={!self} onClick={() => openComposer()}>
          <Icon name="pen" size={20} />
          <span>{t('nav.post')}</span>
        </button>
      )}
      {session.value === 'out' && (
        <a class="button button-primary rail-post" href="/sign-in">
          <Icon name="user" size={20} />
          <span>{t('landing.signIn')}</span>
        </a>
      )}
      {session.value === 'in' && !self && <span class="rail-me rail-me-bone" />}
      {self && (
        <a class="rail-me" href={`/@${self.handle}`}>
          <Avatar of={self} size={40} />
          <span>
            <b>
              <bdi>{self.displayName}</bdi>
            </b>
            <span class="muted">@{self.handle}</span>
          </span>
        </a>
      )}
    </header>
  );
}

/** The phone's top bar: the logo, and a menu of the entries that do not fit into the bottom bar. */
export function PhoneTop() {
  const more = items().filter((item) => !item.bar);
  return (
    <header class="phone-top">
      <a href="/" aria-label="asyncsns">
        <Logo size={30} />
      </a>
      <span class="spacer" />
      <Menu
        label={t('nav.more')}
        items={more.map(({ icon, label, href }) => ({ icon, label, act: () => navigate(href) }))}>
        <Icon name="menu" />
      </Menu>
    </header>
  );
}

export function BottomBar() {
  return (
    <>
      {profile.value && (
        <button type="button" class="fab" aria-label={t('nav.post')} onClick={() => openComposer()}>
          <Icon name="pen" size={24} />
        </button>
      )}
      <nav class="bottom-bar" aria-label={t('nav.main')}>
        {items()
          .filter((item) => item.bar)
          .map((item) => (
            <NavLink key={item.href} item={item} />
          ))}
      </nav>
    </>
  );
}
