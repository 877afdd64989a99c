import { t } from '../i18n';
import { language } from '../state/settings';
import { BOXES, nameOf } from './boxes';
import { rate } from './diagram';
import type { Traffic } from './live';
import type { Picture, ProvenArrow, Resource } from './picture';
import { DOES } from './texts';
import { LastTraces } from './traces';
import { WHY } from './why';

interface Props {
  picture: Picture;
  chosen: string;
  /** Whether it stays in view while the page scrolls: not before the reader has chosen a box, so that none is covered. */
  isPinned: boolean;
  traffic: readonly Traffic[];
  replay: (id: string) => void;
}

/** Details of a box: role, reason, arrows with their proofs, configuration, code, share of the bill, latest traces. */
export function Detail({ picture, chosen, isPinned, traffic, replay }: Props) {
  const box = BOXES.find((one) => one.id === chosen)!;
  const facts = picture.boxes[chosen];
  return (
    <section
      class={isPinned ? 'architecture-detail is-pinned' : 'architecture-detail'}
      aria-live="polite"
      tabIndex={0}
      aria-label={box.name}>
      <h2>{box.name}</h2>
      <p>{DOES[chosen]?.[language.value]}</p>
      <p>
        <strong>{t('architecture.why')}</strong> {WHY[chosen]?.[language.value]}
      </p>
      {facts && Object.keys(facts.cost).length > 0 && <Cost cost={facts.cost} />}
      <Arrows picture={picture} chosen={chosen} traffic={traffic} />
      {facts && <Configuration resources={facts.resources} />}
      {facts && <Code paths={facts.code} sources={picture.sources} />}
      <LastTraces key={chosen} picture={picture} box={chosen} replay={replay} />
    </section>
  );
}

function Cost({ cost }: { cost: Record<string, number> }) {
  const percent = (share: number) =>
    new Intl.NumberFormat(language.value, { style: 'percent', maximumFractionDigits: 1 }).format(share);
  const told = Object.entries(cost).map(([service, share]) => `${service} ${percent(share)}`);
  return (
    <p>
      <strong>{t('architecture.cost')}</strong> {t('architecture.costOf', told.join(', '))}
    </p>
  );
}

function Arrows({ picture, chosen, traffic }: Omit<Props, 'replay' | 'isPinned'>) {
  const arrows = picture.arrows.filter((arrow) => arrow.from === chosen || arrow.to === chosen);
  return (
    <details open>
      <summary>{t('architecture.arrows', arrows.length)}</summary>
      <ul class="architecture-arrows">
        {arrows.map((arrow) => (
          <ArrowRow
            key={`${arrow.from}-${arrow.to}`}
            arrow={arrow}
            traffic={traffic.find((one) => one.from === arrow.from && one.to === arrow.to)}
          />
        ))}
      </ul>
    </details>
  );
}

function ArrowRow({ arrow, traffic }: { arrow: ProvenArrow; traffic: Traffic | undefined }) {
  const more = arrow.count - arrow.proofs.length;
  return (
    <li>
      <details>
        <summary>
          <span class={`flow-chip flow-${arrow.flow}`}>{t(`architecture.flow.${arrow.flow}`)}</span>{' '}
          {nameOf(arrow.from)} {arrow.flow === 'rtc' ? '↔' : '→'} {nameOf(arrow.to)}
          {traffic && ` · ${rate(traffic)}`}
          {traffic && traffic.failed > 0 && (
            <span class="architecture-failed"> · {t('architecture.failed', traffic.failed)}</span>
          )}
        </summary>
        <ul class="architecture-proofs">
          {arrow.proofs.map((proof) => (
            <li key={proof}>
              <code>{proof}</code>
            </li>
          ))}
          {more > 0 && <li>{t('architecture.more', more)}</li>}
        </ul>
      </details>
    </li>
  );
}

function Configuration({ resources }: { resources: Resource[] }) {
  return (
    <details>
      <summary>{t('architecture.configuration', resources.length)}</summary>
      <dl class="architecture-facts">
        {resources.map((one) => (
          <div key={`${one.type} ${one.name}`}>
            <dt>
              {one.name} <small>{one.type.replace('AWS::', '')}</small>
            </dt>
            <dd>
              {Object.entries(one.facts)
                .map(([label, value]) => `${label}: ${value}`)
                .join(' · ') || '–'}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function Code({ paths, sources }: { paths: string[]; sources: Record<string, string> }) {
  return (
    <details>
      <summary>{t('architecture.code', paths.length)}</summary>
      <ul class="architecture-code">
        {paths.map((path) => (
          <li key={path}>
            {sources[path] ? (
              <details>
                <summary>
                  <code>{path}</code>
                </summary>
                <pre tabIndex={0} role="region" aria-label={path}>
                  {sources[path]}
                </pre>
              </details>
            ) : (
              <code>{path}</code>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}
