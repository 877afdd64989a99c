/** Mentions in a message: suggestions of members as a combobox of the text field. */
import { type Signal, useSignal } from '@preact/signals';
import type { Conversation, Member } from '../../api/types';
import { subject } from '../../auth/session';
import { t } from '../../i18n';

const MAX_SUGGESTED = 6;
const LIST_ID = 'chat-mentions';

interface Suggestions {
  people: Member[];
  /** The position of the `@`. */
  at: number;
  active: number;
}

/** @param onChoose receives the position of the `@` and the chosen member */
export function useMentions(conversation: Conversation, onChoose: (at: number, person: Member) => void) {
  const open = useSignal<Suggestions | null>(null);
  const choose = (person: Member) => {
    onChoose(open.value!.at, person);
    open.value = null;
  };
  return {
    open,
    choose,
    look: (text: string, cursor: number) => (open.value = suggest(text, cursor, conversation)),
    /** Handles keys of the list; returns whether it did. */
    takeKey: (key: string): boolean => open.value !== null && takeKey(open as Signal<Suggestions>, key, choose),
    aria: {
      'aria-autocomplete': 'list' as const,
      'aria-controls': open.value ? LIST_ID : undefined,
      'aria-activedescendant': open.value ? `mention-${open.value.active}` : undefined,
    },
  };
}

function takeKey(open: Signal<Suggestions | null>, key: string, choose: (person: Member) => void): boolean {
  const { people, active, at } = open.value!;
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (step) open.value = { people, at, active: (active + step + people.length) % people.length };
  else if (key === 'Enter' || key === 'Tab') choose(people[active]!);
  else if (key === 'Escape') open.value = null;
  else return false;
  return true;
}

/** Members whose handle or name begins with the text between the last @ and the cursor. */
function suggest(text: string, cursor: number, conversation: Conversation): Suggestions | null {
  const match = /(^|[\s（「、。])@([A-Za-z0-9_]{0,20})$/.exec(text.slice(0, cursor));
  if (!match || conversation.kind !== 'group') return null;
  const begin = match[2]!.toLowerCase();
  const fits = (name: string) => name.toLowerCase().startsWith(begin);
  const people = conversation.members
    .filter((one) => one.id !== subject.value && one.handle && (fits(one.handle) || fits(one.displayName)))
    .slice(0, MAX_SUGGESTED);
  return people.length ? { people, at: cursor - begin.length - 1, active: 0 } : null;
}

export function MentionList({ open, choose }: Pick<ReturnType<typeof useMentions>, 'open' | 'choose'>) {
  if (!open.value) return null;
  const { people, active } = open.value;
  return (
    <ul class="mention-list" id={LIST_ID} role="listbox" aria-label={t('chat.mentions')}>
      {people.map((person, index) => (
        <li
          key={person.id}
          id={`mention-${index}`}
          role="option"
          aria-selected={index === active}
          onPointerDown={(event) => {
            event.preventDefault();
            choose(person);
          }}>
          <span class="one-line">
            <b>
              <bdi>{person.displayName}</bdi>
            </b>{' '}
            <span class="muted">@{person.handle}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
