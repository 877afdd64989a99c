import { t } from '../i18n';
import { ARROWS } from './arrows';
import { BOXES } from './boxes';
import { roundedPath } from './line';
import { type Arrow, type Box, type Flow, GROUPS, SIZE } from './model';

const FLOWS: Flow[] = ['command', 'query', 'both', 'rtc'];

/** The picture. Boxes are buttons; `chosen` and its arrows stand out. */
export function Diagram({ chosen, choose }: { chosen: string; choose: (id: string) => void }) {
  return (
    <svg
      class="diagram"
      viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
      role="group"
      aria-label={t('architecture.diagram')}>
      <defs>
        {FLOWS.map((flow) => (
          <Head key={flow} flow={flow} />
        ))}
      </defs>
      {GROUPS.map((group) => (
        // biome-ignore lint/a11y/noAriaHiddenOnFocusable: an SVG group takes no focus
        <g key={group.id} aria-hidden="true">
          <rect
            class={`diagram-group diagram-group-${group.id}`}
            x={group.x}
            y={group.y}
            width={group.w}
            height={group.h}
            rx={16}
          />
          <text class="diagram-group-name" x={group.x + 16} y={group.y + 23}>
            {group.name}
          </text>
        </g>
      ))}
      <text class="diagram-note" x={545} y={811} dominant-baseline="central">
        {t('architecture.connectedToAll')}
      </text>
      {ARROWS.map((arrow) => (
        <Line key={`${arrow.from}-${arrow.to}`} arrow={arrow} lit={touches(arrow, chosen)} />
      ))}
      {BOXES.map((box) => (
        <BoxButton key={box.id} box={box} chosen={box.id === chosen} choose={choose} />
      ))}
    </svg>
  );
}

/** A command Lambda's arrows are those of its group. */
const PARENTS: Record<string, string> = {
  query: 'query',
  post: 'command',
  chat: 'command',
  call: 'command',
  profile: 'command',
  sns: 'notification',
  websocket: 'rtc',
};

export function touches(arrow: Arrow, id: string): boolean {
  return [id, PARENTS[id]].some((name) => name === arrow.from || name === arrow.to);
}

function Head({ flow }: { flow: Flow }) {
  return (
    <marker
      id={`head-${flow}`}
      viewBox="0 0 10 10"
      refX="8.5"
      refY="5"
      markerWidth="11"
      markerHeight="11"
      markerUnits="userSpaceOnUse"
      orient="auto-start-reverse">
      <path d="M0 0 10 5 0 10z" class={`diagram-head flow-${flow}`} />
    </marker>
  );
}

function Line({ arrow, lit }: { arrow: Arrow; lit: boolean }) {
  const both = arrow.flow === 'rtc' && arrow.from === 'client';
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: an SVG path takes no focus
    <path
      class={`diagram-line flow-${arrow.flow} ${lit ? 'is-lit' : ''}`}
      d={roundedPath(arrow.points)}
      fill="none"
      marker-end={arrow.flow === 'both' ? undefined : `url(#head-${arrow.flow})`}
      marker-start={both ? 'url(#head-rtc)' : undefined}
      aria-hidden="true"
    />
  );
}

function BoxButton({ box, chosen, choose }: { box: Box; chosen: boolean; choose: (id: string) => void }) {
  const press = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    choose(box.id);
  };
  return (
    <g
      class={`diagram-box ${chosen ? 'is-chosen' : ''}`}
      role="button"
      tabindex={0}
      aria-pressed={chosen}
      aria-label={box.name}
      onClick={() => choose(box.id)}
      onKeyDown={press}>
      <rect x={box.x} y={box.y} width={box.w} height={box.h} rx={10} />
      <text x={box.x + box.w / 2} y={box.y + box.h / 2} text-anchor="middle" dominant-baseline="central">
        {box.name}
      </text>
    </g>
  );
}
