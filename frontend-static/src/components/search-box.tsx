import { useSignal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import { api } from '../api';
import type { Author, Suggestions } from '../api/types';
import { t } from '../i18n';
import { isComposing } from '../lib/typing';
import { navigate, route } from '../router';
import { searchText } from '../state/search';
import { Avatar } from './avatar';
import { Icon } from './icon';

const DELAY_MS = 160;

type Suggestion = { kind: 'query'; q: string } | { kind: 'person'; author: Author } | { kind: 'tag'; tag: string };

function merged({ people, tags, queries }: Suggestions): Suggestion[] {
  const found: Suggestion[] = queries.slice(0, 3).map((q) => ({ kind: 'query', q }));
  found.push(...people.slice(0, 4).map((author) => ({ kind: 'person' as const, author })));
  return [...found, ...tags.slice(0, 4).map(({ tag }): Suggestion => ({ kind: 'tag', tag }))];
}

/** Search field with suggestions: a combobox with arrow keys and Escape, accessible to screen readers. */
export function SearchBox({ autoFocus = false }: { autoFocus?: boolean }) {
  const text = searchText;
  const suggestions = useSignal<Suggestion[]>([]);
  const active = useSignal(-1);
  const open = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();

  useEffect(() => {
    text.value = route.value.query.get('q') ?? '';
  }, [route.value.query.get('q')]);
  useEffect(() => {
    if (autoFocus) input.current?.focus();
  }, []);
  useEffect(
    () =>
      suggestLater(text.value.trim(), open.value, (items) => {
        suggestions.value = items;
        active.value = -1;
      }),
    [text.value, open.value],
  );

  const go = (to: string) => {
    open.value = false;
    input.current?.blur();
    navigate(to);
  };
  const submit = () => {
    const chosen = suggestions.value[active.value];
    if (chosen) go(address(chosen));
    else if (text.value.trim()) go(`/search?q=${encodeURIComponent(text.value.trim())}`);
  };
  const onKey = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (event.key === 'Escape') open.value = false;
    if (!step || suggestions.value.length === 0) return;
    event.preventDefault();
    const count = suggestions.value.length + 1;
    active.value = ((active.value + 1 + step + count) % count) - 1;
  };
  const expanded = open.value && suggestions.value.length > 0;
  return (
    <form
      class="search-box"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}>
      <Icon name="search" size={20} />
      <input
        ref={input}
        type="search"
        list={undefined}
        name="q"
        autoComplete="off"
        enterKeyHint="search"
        // biome-ignore lint/a11y/noRedundantRoles: without `list` a search field is no combobox by itself
        role="combobox"
        aria-expanded={expanded}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={expanded && active.value >= 0 ? `${id}-${active.value}` : undefined}
        aria-label={t('search.label')}
        placeholder={t('search.placeholder')}
        value={text.value}
        onInput={(event) => {
          text.value = event.currentTarget.value;
          open.value = true;
        }}
        onFocus={() => (open.value = true)}
        onBlur={() => (open.value = false)}
        onKeyDown={onKey}
      />
      <ul id={`${id}-list`} class="suggestions" role="listbox" aria-label={t('search.suggestions')} hidden={!expanded}>
        {expanded &&
          suggestions.value.map((item, index) => (
            <li
              key={address(item)}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === active.value}
              onPointerDown={(event) => {
                event.preventDefault();
                go(address(item));
              }}>
              <SuggestionLine item={item} />
            </li>
          ))}
      </ul>
      <span class="visually-hidden" role="status">
        {expanded ? t('search.suggestionCount', suggestions.value.length) : ''}
      </span>
    </form>
  );
}

function suggestLater(q: string, open: boolean, take: (items: Suggestion[]) => void): () => void {
  if (!open || !q) {
    take([]);
    return () => undefined;
  }
  const controller = new AbortController();
  const timer = setTimeout(() => {
    api.suggest(q, controller.signal).then(
      (answer) => take(merged(answer)),
      () => undefined,
    );
  }, DELAY_MS);
  return () => {
    clearTimeout(timer);
    controller.abort();
  };
}

function address(item: Suggestion): string {
  if (item.kind === 'query') return `/search?q=${encodeURIComponent(item.q)}`;
  return item.kind === 'person' ? `/@${item.author.handle}` : `/tags/${encodeURIComponent(item.tag)}`;
}

function SuggestionLine({ item }: { item: Suggestion }) {
  if (item.kind === 'query')
    return (
      <>
        <span class="suggestion-icon">
          <Icon name="search" size={18} />
        </span>
        <span>{item.q}</span>
      </>
    );
  if (item.kind === 'tag')
    return (
      <>
        <span class="suggestion-icon">
          <Icon name="tag" size={18} />
        </span>
        <span>#{item.tag}</span>
      </>
    );
  return (
    <>
      <Avatar of={item.author} size={30} />
      <span class="one-line">
        <b>
          <bdi>{item.author.displayName}</bdi>
        </b>{' '}
        <span class="muted">@{item.author.handle}</span>
      </span>
    </>
  );
}
