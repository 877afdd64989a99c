import { useState } from 'preact/hooks';
import { api } from '../../api';
import type { Conversation, Member, Role } from '../../api/types';
import { subject, upToDate } from '../../auth/session';
import { t } from '../../i18n';
import { loadConversation } from '../../state/conversations';
import { showError } from '../../state/toasts';
import { Avatar } from '../avatar';
import { Confirm } from '../confirm';
import { Icon } from '../icon';
import { Menu, type MenuItem } from '../menu';

const RANK: Record<Role, number> = { owner: 2, admin: 1, member: 0 };

export function MemberList({ conversation }: { conversation: Conversation }) {
  const members = [...conversation.members].sort(
    (a, b) => RANK[b.role ?? 'member'] - RANK[a.role ?? 'member'] || a.displayName.localeCompare(b.displayName),
  );
  return (
    <ul class="member-list" aria-label={t('chat.memberCount', conversation.memberCount)}>
      {members.map((member) => (
        <li key={member.id}>
          <Row member={member} conversation={conversation} />
        </li>
      ))}
    </ul>
  );
}

function Row({ member: given, conversation }: { member: Member; conversation: Conversation }) {
  const member = upToDate(given);
  const group = conversation.kind === 'group';
  return (
    <div class="member">
      <a class="chat-who" href={`/@${member.handle}`}>
        <Avatar of={member} size={40} />
        <span>
          <b>
            <bdi>{member.displayName}</bdi>
          </b>
          <span class="muted">@{member.handle}</span>
        </span>
      </a>
      <span class="spacer" />
      {group && member.accepted === false && <span class="chip">{t('chat.invited')}</span>}
      {group && member.role && member.role !== 'member' && <span class="chip">{t(`chat.role.${member.role}`)}</span>}
      {group && <Manage member={member} conversation={conversation} />}
    </div>
  );
}

/** The actions on this member that your role allows. */
function Manage({ member, conversation }: { member: Member; conversation: Conversation }) {
  const [removing, setRemoving] = useState(false);
  const mine = conversation.me.role ?? 'member';
  const owner = mine === 'owner';
  if (member.id === subject.value || RANK[member.role ?? 'member'] >= RANK[mine]) return null;
  const give = (role: Role) =>
    void api
      .giveRole(conversation.id, member.id, role)
      .then(() => loadConversation(conversation.id))
      .catch(showError);
  const remove = async () => {
    await api.removeMember(conversation.id, member.id);
    await loadConversation(conversation.id);
  };
  const items: MenuItem[] = [
    ...(owner ? rolesOf(member, give) : []),
    ...(owner && member.accepted
      ? [{ icon: 'shield', label: t('chat.makeOwner'), act: () => give('owner') } as const]
      : []),
    { icon: 'close', label: t('chat.remove'), act: () => setRemoving(true), danger: true },
  ];
  return (
    <>
      <Menu label={t('chat.manage', member.displayName)} items={items}>
        <Icon name="more" size={18} />
      </Menu>
      {removing && (
        <Confirm
          title={t('chat.remove')}
          hint={t('chat.removeHint', member.displayName)}
          action={t('chat.remove')}
          onConfirm={remove}
          onClose={() => setRemoving(false)}
        />
      )}
    </>
  );
}

/** The roles that an owner can assign; the member's current one is marked. */
function rolesOf(member: Member, give: (role: Role) => void): MenuItem[] {
  return (['member', 'admin'] as const).map((role) => ({
    icon: role === 'admin' ? 'users' : 'user',
    label: t(`chat.role.${role}`),
    checked: member.role === role,
    act: () => void (member.role !== role && give(role)),
  }));
}
