import { useEffect, useState } from 'preact/hooks';
import { api } from '../../api';
import type { Author } from '../../api/types';
import { profile, subject } from '../../auth/session';
import { t } from '../../i18n';
import { Avatar } from '../avatar';
import { Spinner } from '../feedback';
import { Icon } from '../icon';

const DELAY_MS = 180;

interface Props {
  chosen: Author[];
  setChosen: (people: Author[]) => void;
  /** The current members. */
  without?: ReadonlySet<string>;
}

/** Finds people by name or handle; followed people are suggested first. */
export function PeoplePicker({ chosen, setChosen, without }: Props) {
  const [text, setText] = useState('');
  const [found, setFound] = useState<Author[] | null>(null);
  useEffect(() => {
    let current = true;
    const timer = setTimeout(
      () => {
        const q = text.trim();
        const search = q ? api.searchPeople({ q, limit: 20 }) : api.following(profile.value?.id ?? '', { limit: 20 });
        search.then(
          (page) => current && setFound(page.items),
          () => current && setFound([]),
        );
      },
      text ? DELAY_MS : 0,
    );
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [text]);
  const shown = (found ?? []).filter((one) => one.id !== subject.value && !without?.has(one.id));
  const isChosen = (id: string) => chosen.some((one) => one.id === id);
  const toggle = (person: Author) =>
    setChosen(isChosen(person.id) ? chosen.filter((one) => one.id !== person.id) : [...chosen, person]);
  return (
    <div class="picker">
      {chosen.length > 0 && (
        <ul class="picker-chosen" aria-label={t('chat.chosen')}>
          {chosen.map((one) => (
            <li key={one.id}>
              <button
                type="button"
                class="chip-button"
                aria-label={t('chat.removeChosen', one.displayName)}
                onClick={() => toggle(one)}>
                <bdi>{one.displayName}</bdi>
                <Icon name="close" size={14} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <input
        class="input"
        type="search"
        value={text}
        placeholder={t('chat.findPeople')}
        aria-label={t('chat.findPeople')}
        autofocus
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <div class="picker-list" role="group" aria-label={t('chat.findPeople')} aria-busy={found === null}>
        {found === null && <Spinner />}
        {found !== null && shown.length === 0 && <p class="muted">{t('chat.emptyPeople')}</p>}
        {shown.map((person) => (
          <label key={person.id} class="picker-row">
            <Avatar of={person} size={40} />
            <span>
              <b>
                <bdi>{person.displayName}</bdi>
              </b>
              <span class="muted">@{person.handle}</span>
            </span>
            <input type="checkbox" checked={isChosen(person.id)} onChange={() => toggle(person)} />
          </label>
        ))}
      </div>
    </div>
  );
}
