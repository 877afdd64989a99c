import { useState } from 'preact/hooks';
import { moderation } from '../api/moderation';
import type { Author, Live, Post } from '../api/types';
import { isModerator, profile } from '../auth/session';
import { t } from '../i18n';
import { blockPerson, isMuted, learnMuting, muteThread, toggleMutePerson } from '../state/people';
import { openReport } from '../state/reporting';
import { showToast } from '../state/toasts';
import { Confirm } from './confirm';
import { Icon } from './icon';
import { ListsDialog } from './lists-dialog';
import { Menu, type MenuItem } from './menu';

interface Props {
  person: Author;
  /** The post to which the menu belongs; without it, the profile. */
  post?: Post;
  /** The live stream to which the menu belongs. */
  live?: Live;
  className?: string;
  /** The first items of a post's menu. */
  first?: MenuItem[];
}

/** Actions on a person: add to lists, mute, report, block. */
export function PersonMenu({ person, post, live, className = 'icon-button is-outlined', first = [] }: Props) {
  const [asking, setAsking] = useState<'block' | 'lists' | 'signOut' | null>(null);
  if (!profile.value || profile.value.id === person.id || !person.handle) return null;
  const name = `@${person.handle}`;
  const kind = post ? 'post' : live ? 'live' : 'person';
  const muted = isMuted(person);
  const items: MenuItem[] = [
    ...first,
    { icon: 'list', label: t('lists.addTo'), act: () => setAsking('lists') },
    {
      icon: muted ? 'bell' : 'bellOff',
      label: muted ? t('mute.unmute', name) : t('mute.mute', name),
      act: () => void toggleMutePerson(person),
    },
  ];
  if (post) items.push({ icon: 'bellOff', label: t('mute.muteThread'), act: () => void muteThread(post) });
  items.push({
    icon: 'flag',
    label: t(`report.open.${kind}`),
    act: () => openReport({ kind, id: post?.id ?? live?.id ?? person.id, name: person.displayName }),
  });
  if (isModerator.value && !post)
    items.push({ icon: 'shield', label: t('moderation.signOut'), act: () => setAsking('signOut') });
  items.push({ icon: 'ban', label: t('block.block', name), act: () => setAsking('block'), danger: true });
  const close = () => setAsking(null);
  return (
    <>
      <Menu
        label={post ? t('post.menu') : t('profile.menu', person.displayName)}
        items={items}
        className={className}
        onOpen={() => void learnMuting(person).catch(() => undefined)}>
        <Icon name="more" size={post ? 19 : 20} />
      </Menu>
      {asking === 'lists' && <ListsDialog person={person} onClose={close} />}
      {asking === 'signOut' && <SignOutConfirm person={person} onClose={close} />}
      {asking === 'block' && (
        <Confirm
          title={t('block.confirm', name)}
          hint={t('block.confirmHint')}
          action={t('block.blockShort')}
          onClose={close}
          onConfirm={() => blockPerson(person)}
        />
      )}
    </>
  );
}

/** For accounts that may be compromised. */
function SignOutConfirm({ person, onClose }: { person: Author; onClose: () => void }) {
  return (
    <Confirm
      title={t('moderation.signOutConfirm')}
      hint={t('moderation.signOutHint')}
      action={t('moderation.signOut')}
      onClose={onClose}
      onConfirm={async () => {
        await moderation.signOut(person.id);
        showToast(t('moderation.signOutDone'));
      }}
    />
  );
}
