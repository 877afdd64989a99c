import { useState } from 'preact/hooks';
import { api } from '../../api';
import type { Conversation, Member, Role } from '../../api/types';
import { subject } from '../../auth/session';
import { t } from '../../i18n';
import { loadConversation } from '../../state/conversations';
import { showError } from '../../state/toasts';
import { Avatar } from '../avatar';
import { Confirm } from '../confirm';

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

function Row({ member, conversation }: { member: Member; conversation: Conversation }) {
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

/** What one's role allows for this member. */
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
  return (
    <>
      <select
        class="select-quiet"
        aria-label={t('chat.manage', member.displayName)}
        value=""
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          event.currentTarget.value = '';
          if (chosen === 'remove') setRemoving(true);
          else if (chosen) give(chosen as Role);
        }}>
        <option value="">…</option>
        {owner && member.role === 'member' && <option value="admin">{t('chat.makeAdmin')}</option>}
        {owner && member.role === 'admin' && <option value="member">{t('chat.makeMember')}</option>}
        {owner && member.accepted && <option value="owner">{t('chat.makeOwner')}</option>}
        <option value="remove">{t('chat.remove')}</option>
      </select>
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
