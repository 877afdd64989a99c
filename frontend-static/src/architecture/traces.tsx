import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { auth, isOperator } from '../auth/session';
import { t } from '../i18n';
import { clock } from '../lib/time';
import { type TraceSummary, traceSummaries } from '../ops/xray';
import { boxOf } from './live';
import type { Picture } from './picture';

const LAST_S = 30 * 60;
const SHOWN = 8;
/** In a busy network, few of the newest traces pass through a given box. */
const PAGES = 10;

/** The newest traces through a box. Staff only: others have no right to see requests. */
export function LastTraces({ picture, box, replay }: { picture: Picture; box: string; replay: (id: string) => void }) {
  const found = useSignal<TraceSummary[] | null>(null);
  const failed = useSignal(false);
  const read = () => {
    if (!isOperator.value) return;
    void load(picture, box).then(
      (rows) => {
        found.value = rows;
      },
      () => {
        failed.value = true;
      },
    );
  };
  useEffect(read, []);
  if (!isOperator.value) return <p class="muted">{t('architecture.forStaff')}</p>;
  if (failed.value) return <p class="muted">{t('architecture.noTraffic')}</p>;
  return (
    // Reopening refreshes the list; while it is open, it does not change under the pointer.
    <details onToggle={(event) => event.currentTarget.open && read()}>
      <summary>{t('architecture.traces', found.value?.length ?? 0)}</summary>
      <ul class="architecture-traces">
        {found.value?.map((one) => (
          <li key={one.Id}>
            <button type="button" class="link-button" onClick={() => replay(one.Id)}>
              {clock(new Date(one.StartTime * 1000).toISOString())} {named(one)} {Math.round(one.Duration * 1000)} ms
              {(one.HasFault || one.HasError) && ` · ${t('architecture.withErrors')}`}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}

export function named(one: TraceSummary): string {
  const { HttpMethod: method, HttpURL: url } = one.Http;
  return url ? `${method ?? ''} ${url.replace(/^https?:\/\/[^/]+/, '')}` : one.EntryPoint.Name;
}

async function load(picture: Picture, box: string): Promise<TraceSummary[]> {
  const credentials = await (await auth()).awsCredentials();
  if (!credentials) return [];
  const now = Date.now() / 1000;
  return lastOf(picture, box, traceSummaries(credentials, now - LAST_S, now));
}

/**
 * The first eight traces of these pages that pass through a box. Where all pass, requests of people come before what
 * functions do by themselves, and commands before reads: otherwise a page that polls hides the action of its reader.
 */
export async function lastOf(
  picture: Picture,
  box: string,
  newest: AsyncIterable<TraceSummary[]>,
): Promise<TraceSummary[]> {
  const isOfAll = box === 'client' || box === 'x-ray' || box === 'cloudwatch';
  const passes = (one: TraceSummary) =>
    isOfAll || one.ServiceIds.some((id) => boxOf(picture, id.Name, id.Type) === box);
  const found: TraceSummary[] = [];
  let pages = 0;
  for await (const page of newest) {
    found.push(...page.filter(passes));
    pages += 1;
    if (found.length >= SHOWN || pages >= PAGES) break;
  }
  const sorted = isOfAll ? found.toSorted((one, other) => rank(one) - rank(other)) : found;
  return sorted.slice(0, SHOWN);
}

function rank({ Http: { HttpMethod: method } }: TraceSummary): number {
  if (!method) return 2;
  return method === 'GET' ? 1 : 0;
}
