import { useState } from 'preact/hooks';
import { ARROWS } from '../architecture/arrows';
import { BOXES, nameOf } from '../architecture/boxes';
import { Diagram, touches } from '../architecture/diagram';
import type { Flow } from '../architecture/model';
import { PageHead } from '../components/page-head';
import { t } from '../i18n';
import { language } from '../state/settings';

const FLOWS: Flow[] = ['command', 'query', 'both', 'rtc'];

/** The whole picture, and what each box does here. */
export function ArchitecturePage() {
  const [chosen, choose] = useState('client');
  const box = BOXES.find((item) => item.id === chosen)!;
  const arrows = ARROWS.filter((arrow) => touches(arrow, chosen));
  return (
    <>
      <PageHead title={t('architecture.title')} />
      <div class="architecture">
        <p class="architecture-lead">{t('architecture.lead')}</p>
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
        <div class="diagram-scroll" tabIndex={0} role="region" aria-label={t('architecture.diagram')}>
          <Diagram chosen={chosen} choose={choose} />
        </div>
        <section class="architecture-detail" aria-live="polite">
          <h2>{box.name}</h2>
          <p>{box.does[language.value]}</p>
          <ul>
            {arrows.map((arrow) => (
              <li key={`${arrow.from}-${arrow.to}`}>
                <span class={`flow-chip flow-${arrow.flow}`}>{t(`architecture.flow.${arrow.flow}`)}</span>{' '}
                {nameOf(arrow.from)} {arrow.flow === 'rtc' ? '↔' : '→'} {nameOf(arrow.to)}
              </li>
            ))}
          </ul>
        </section>
      </div>
    </>
  );
}
