import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { Facets } from '../api/types';
import { type Key, t } from '../i18n';
import {
  type FacetName,
  type Filters,
  HAS,
  isFacetOn,
  NO_FILTERS,
  readFilters,
  toggleFacet,
  writeFilters,
} from '../lib/query';
import { searchFor, searchText } from '../state/search';
import { language } from '../state/settings';

const LANGUAGES = ['ja', 'en'];

/** The query of the box as controls: each reads its operator from the box and writes it back. */
export function SearchFilters({ id }: { id: string }) {
  const filters = readFilters(searchText.value);
  const change = (changes: Partial<Filters>) => searchFor(writeFilters({ ...filters, ...changes }));
  const languages = [...new Set([...LANGUAGES, filters.lang].filter(Boolean))];
  return (
    <form id={id} class="filters" aria-label={t('search.filters')} onSubmit={(event) => event.preventDefault()}>
      <TextFilter
        label={t('search.fromPerson')}
        prefix="@"
        value={filters.from}
        onValue={(from) => change({ from: from.replace(/[^\w@＠]/gu, '') })}
      />
      <TextFilter label={t('search.withTag')} prefix="#" value={filters.tag} onValue={(tag) => change({ tag })} />
      <TextFilter label={t('search.exactly')} value={filters.phrase} onValue={(phrase) => change({ phrase })} />
      <TextFilter label={t('search.without')} value={filters.without} onValue={(without) => change({ without })} />
      <fieldset class="filter-wide">
        <legend>{t('search.has')}</legend>
        <div class="filter-choices">
          {HAS.map((kind) => (
            <label class="choice" key={kind}>
              <input
                type="checkbox"
                checked={filters.has.includes(kind)}
                onChange={() => change({ has: toggleFacet(filters, 'has', kind).has })}
              />
              <span>{t(`search.has.${kind}`)}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <Choice label={t('search.kindOfPost')} value={filters.is} onValue={(is) => change({ is: is as Filters['is'] })}>
        <option value="">{t('search.any')}</option>
        <option value="post">{t('search.noReplies')}</option>
        <option value="reply">{t('search.onlyReplies')}</option>
      </Choice>
      <Choice label={t('search.language')} value={filters.lang} onValue={(lang) => change({ lang })}>
        <option value="">{t('search.any')}</option>
        {languages.map((code) => (
          <option key={code} value={code}>
            {languageName(code)}
          </option>
        ))}
      </Choice>
      <TextFilter label={t('search.since')} type="date" value={filters.since} onValue={(since) => change({ since })} />
      <TextFilter label={t('search.until')} type="date" value={filters.until} onValue={(until) => change({ until })} />
      <button
        type="button"
        class="link-button filter-wide"
        onClick={() => searchFor(writeFilters({ ...NO_FILTERS, words: filters.words }))}>
        {t('search.clearFilters')}
      </button>
    </form>
  );
}

interface TextProps {
  label: string;
  value: string;
  onValue: (value: string) => void;
  prefix?: string;
  type?: 'text' | 'date';
}

/** Searches on blur or Enter, not on every letter. */
function TextFilter({ label, value, onValue, prefix, type = 'text' }: TextProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="field-box">
        {prefix && (
          <span class="field-prefix" aria-hidden="true">
            {prefix}
          </span>
        )}
        <input
          id={id}
          class="input input-small"
          type={type as 'text'}
          value={value}
          autoComplete="off"
          autoCapitalize="off"
          onChange={(event) => onValue(event.currentTarget.value)}
        />
      </div>
    </div>
  );
}

function Choice({
  label,
  value,
  onValue,
  children,
}: {
  label: string;
  value: string;
  onValue: (value: string) => void;
  children: ComponentChildren;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} class="input input-small" value={value} onChange={(event) => onValue(event.currentTarget.value)}>
        {children}
      </select>
    </div>
  );
}

const FACETS: readonly (readonly [FacetName, Key])[] = [
  ['has', 'search.has'],
  ['lang', 'search.language'],
  ['tags', 'search.tab.tags'],
];

/** Facets of the results, as buttons that narrow them. */
export function SearchFacets({ facets }: { facets: Facets }) {
  const filters = readFilters(searchText.value);
  const groups = FACETS.map(([name, key]) => ({
    name,
    key,
    values: (facets[name] ?? [])
      .filter(({ value }) => name !== 'has' || HAS.some((kind) => kind === value))
      .slice(0, 6),
  }));
  if (groups.every(({ values }) => values.length === 0)) return null;
  return (
    <section class="facets" aria-label={t('search.narrow')}>
      {groups
        .filter(({ values }) => values.length > 0)
        .map(({ name, key, values }) => (
          <div class="facet" role="group" key={name} aria-label={t(key as 'search.has')}>
            {values.map(({ value, count }) => (
              <button
                type="button"
                class="facet-value"
                key={value}
                aria-pressed={isFacetOn(filters, name, value)}
                onClick={() => searchFor(writeFilters(toggleFacet(filters, name, value)))}>
                <span>{facetLabel(name, value)}</span>{' '}
                <span class="facet-count">{count.toLocaleString(language.value)}</span>
              </button>
            ))}
          </div>
        ))}
    </section>
  );
}

function facetLabel(name: FacetName, value: string): string {
  if (name === 'tags') return `#${value}`;
  if (name === 'lang') return languageName(value);
  const kind = HAS.find((one) => one === value);
  return kind ? t(`search.has.${kind}`) : value;
}

function languageName(code: string): string {
  try {
    return new Intl.DisplayNames([language.value], { type: 'language' }).of(code) ?? code;
  } catch {
    return code;
  }
}
