import { useRef, useState } from 'preact/hooks';
import { api } from '../../api';
import type { Author, Conversation } from '../../api/types';
import { subject } from '../../auth/session';
import { t } from '../../i18n';
import { isBlank } from '../../lib/blank';
import { fullTime } from '../../lib/time';
import { navigate } from '../../router';
import { muteConversation } from '../../state/chat';
import { conversationTitle, loadConversation, removeConversation } from '../../state/conversations';
import { showError } from '../../state/toasts';
import { ACCEPTED_TYPES, attachFile } from '../../state/uploads';
import { Confirm } from '../confirm';
import { Dialog } from '../dialog';
import { Field } from '../fields';
import { Icon } from '../icon';
import { ChatAvatar } from './chat-avatar';
import { InviteLink } from './invite-link';
import { MemberList } from './member-list';
import { Panel } from './panel';
import { PeoplePicker } from './people-picker';

const HOURS = [1, 8, 168] as const;
type Open = 'rename' | 'add' | 'leave' | null;

/** Members and mute; for admins of a group also its name, picture, members and invite link. */
export function ChatInfo({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  const [open, setOpen] = useState<Open>(null);
  const group = conversation.kind === 'group';
  const admin = group && conversation.me.role !== 'member' && conversation.me.state === 'active';
  const leave = async () => {
    await api.removeMember(conversation.id, subject.value ?? '');
    navigate('/messages', { replace: true });
    removeConversation(conversation.id);
  };
  return (
    <Panel title={t('chat.info')} onClose={onClose}>
      <div class="info-top">
        <ChatAvatar conversation={conversation} size={84} />
        <h3>
          <bdi>{conversationTitle(conversation)}</bdi>
        </h3>
        {group && <p class="muted">{t('chat.memberCount', conversation.memberCount)}</p>}
        {admin && (
          <div class="info-actions">
            <button type="button" class="button button-small" onClick={() => setOpen('rename')}>
              <Icon name="pen" size={16} /> {t('chat.rename')}
            </button>
            <PicturePicker conversation={conversation} />
          </div>
        )}
      </div>
      <MuteChoice conversation={conversation} />
      <MemberList conversation={conversation} />
      {admin && (
        <button type="button" class="button button-small" onClick={() => setOpen('add')}>
          <Icon name="users" size={16} /> {t('chat.add')}
        </button>
      )}
      {admin && <InviteLink conversation={conversation} />}
      {group && (
        <button type="button" class="button button-danger button-small" onClick={() => setOpen('leave')}>
          {t('chat.leave')}
        </button>
      )}
      {open === 'rename' && <Rename conversation={conversation} onClose={() => setOpen(null)} />}
      {open === 'add' && <AddPeople conversation={conversation} onClose={() => setOpen(null)} />}
      {open === 'leave' && (
        <Confirm
          title={t('chat.leave')}
          hint={t('chat.leaveHint')}
          action={t('chat.leave')}
          onConfirm={leave}
          onClose={() => setOpen(null)}
        />
      )}
    </Panel>
  );
}

/** The current setting, as the selected choice. */
function mutedUntil({ me }: Conversation): string {
  return me.mutedUntil ? t('chat.mutedUntil', fullTime(me.mutedUntil)) : t('chat.muteFor.always');
}

function MuteChoice({ conversation }: { conversation: Conversation }) {
  const choose = (value: string) => {
    if (value)
      void muteConversation(conversation.id, value === 'off' ? 'off' : value === 'always' ? null : Number(value)).catch(
        showError,
      );
  };
  return (
    <label class="info-row">
      <Icon name={conversation.me.muted ? 'bellOff' : 'bell'} size={20} />
      <span class="spacer">{conversation.me.muted ? t('chat.muted') : t('chat.mute')}</span>
      <select
        class="select-quiet"
        aria-label={t('chat.mute')}
        value={conversation.me.muted ? '' : 'off'}
        onChange={(event) => choose(event.currentTarget.value)}>
        {conversation.me.muted && <option value="">{mutedUntil(conversation)}</option>}
        <option value="off">{t(conversation.me.muted ? 'chat.unmute' : 'chat.muteOff')}</option>
        {HOURS.map((hours) => (
          <option key={hours} value={hours}>
            {t(`chat.muteFor.${hours}`)}
          </option>
        ))}
        {(!conversation.me.muted || conversation.me.mutedUntil) && (
          <option value="always">{t('chat.muteFor.always')}</option>
        )}
      </select>
    </label>
  );
}

function Rename({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  const [title, setTitle] = useState(conversation.title ?? '');
  const save = async (event: Event) => {
    event.preventDefault();
    try {
      await api.updateGroup(conversation.id, { title: title.trim() });
      await loadConversation(conversation.id);
      onClose();
    } catch (error) {
      showError(error);
    }
  };
  return (
    <Dialog title={t('chat.rename')} onClose={onClose} className="dialog-small">
      <form class="new-chat" onSubmit={(event) => void save(event)}>
        <Field label={t('chat.groupTitle')} value={title} onValue={setTitle} maxLength={80} required />
        <div class="dialog-actions">
          <button type="submit" class="button button-primary" disabled={isBlank(title)}>
            {t('app.save')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function AddPeople({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  const [chosen, setChosen] = useState<Author[]>([]);
  const add = async () => {
    try {
      await api.addMembers(
        conversation.id,
        chosen.map((one) => one.id),
      );
      await loadConversation(conversation.id);
      onClose();
    } catch (error) {
      showError(error);
    }
  };
  return (
    <Dialog title={t('chat.add')} onClose={onClose} full>
      <div class="new-chat">
        <PeoplePicker
          chosen={chosen}
          setChosen={setChosen}
          without={new Set(conversation.members.map((one) => one.id))}
        />
        <div class="dialog-actions">
          <button type="button" class="button button-primary" disabled={!chosen.length} onClick={() => void add()}>
            {t('chat.add')}
          </button>
        </div>
      </div>
    </Dialog>
  );
}

function PicturePicker({ conversation }: { conversation: Conversation }) {
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const pick = async (file: File | undefined) => {
    if (!file) return;
    setBusy(true);
    const item = attachFile(file, 'photo');
    try {
      const media = await item.done;
      await api.updateGroup(conversation.id, { avatarMediaId: media.id });
      await loadConversation(conversation.id);
    } catch (error) {
      showError(error);
    } finally {
      URL.revokeObjectURL(item.preview);
      setBusy(false);
    }
  };
  return (
    <>
      <button type="button" class="button button-small" disabled={busy} onClick={() => input.current?.click()}>
        <Icon name="image" size={16} /> {t('chat.picture')}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept={ACCEPTED_TYPES.photo}
        onChange={(event) => {
          void pick(event.currentTarget.files?.[0]);
          event.currentTarget.value = '';
        }}
      />
    </>
  );
}
