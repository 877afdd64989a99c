import { useSignal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { Detail } from '../architecture/detail';
import { Diagram, FLOWS } from '../architecture/diagram';
import { traffic, trafficFailure, watch } from '../architecture/live';
import { loadPicture, type Picture, picture } from '../architecture/picture';
import { Player } from '../architecture/player';
import { type Step, steps } from '../architecture/replay';
import { auth, isOperator } from '../auth/session';
import { Empty, Spinner } from '../components/feedback';
import { PageHead } from '../components/page-head';
import { t } from '../i18n';
import { trace } from '../ops/xray';

/** The architecture diagram of the deployment; staff also see its live data. */
export function ArchitecturePage() {
  const failed = useSignal(false);
  useEffect(() => {
    loadPicture().catch(() => {
      failed.value = true;
    });
  }, []);
  return (
    <>
      <PageHead title={t('architecture.title')} />
      <div class="architecture">
        <p class="architecture-lead">{t('architecture.lead')}</p>
        <Legend />
        {failed.value && <Empty icon="refresh" title={t('architecture.missing')} />}
        {!picture.value && !failed.value && <Spinner />}
        {picture.value && <Living picture={picture.value} />}
      </div>
    </>
  );
}

function Living({ picture: shown }: { picture: Picture }) {
  const [clicked, choose] = useState<string | null>(null);
  const chosen = clicked ?? 'client';
  const replayed = useSignal<Step[] | null>(null);
  const at = useSignal(0);
  const staff = isOperator.value;
  useEffect(() => watch(shown), [shown, staff]);
  const replay = async (id: string) => {
    const credentials = await (await auth()).awsCredentials();
    if (!credentials) return;
    replayed.value = steps(shown, await trace(credentials, id));
    at.value = 0;
  };
  const seen = traffic.value ?? [];
  return (
    <>
      <p class="muted" role="status">
        {status(staff)}
      </p>
      <div class="diagram-scroll" tabIndex={0} role="region" aria-label={t('architecture.diagram')}>
        <Diagram
          picture={shown}
          chosen={chosen}
          choose={choose}
          traffic={replayed.value ? [] : seen}
          step={replayed.value?.[at.value] ?? null}
        />
      </div>
      {replayed.value && (
        <Player
          steps={replayed.value}
          at={at.value}
          go={(to) => {
            at.value = to;
          }}
          close={() => {
            replayed.value = null;
          }}
        />
      )}
      <Detail
        picture={shown}
        chosen={chosen}
        isPinned={clicked !== null}
        traffic={seen}
        replay={(id) => void replay(id)}
      />
    </>
  );
}

function status(staff: boolean): string {
  if (!staff) return t('architecture.forStaff');
  if (trafficFailure.value) return t('architecture.noTraffic');
  return t('architecture.watching');
}

function Legend() {
  return (
    <ul class="legend" aria-label={t('architecture.legend')}>
      {FLOWS.map((flow) => (
        <li key={flow}>
          <svg width="44" height="12" aria-hidden="true">
            <path class={`diagram-line flow-${flow} is-lit`} d="M2 6H42" />
          </svg>
          {t(`architecture.flow.${flow}`)}
        </li>
      ))}
    </ul>
  );
}
