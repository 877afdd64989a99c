import { t } from '../i18n';
import { BOXES } from './boxes';
import { type Drawn, drawn, further, touches } from './drawn';
import { roundedPath } from './line';
import { along, hops, type Traffic, WINDOW_S } from './live';
import { type Box, type Flow, GROUPS, SIZE } from './model';
import type { Picture } from './picture';
import type { Step } from './replay';

export const FLOWS: Flow[] = ['command', 'query', 'both', 'rtc'];

interface Props {
  picture: Picture;
  chosen: string;
  choose: (id: string) => void;
  traffic: readonly Traffic[];
  /** The active arrow of the replay. */
  step: Step | null;
}

/**
 * The diagram. Boxes are buttons; the chosen box and its arrows are highlighted, and arrows with traffic in the last
 * minute are animated. During a replay only its step is.
 */
export function Diagram({ picture, chosen, choose, traffic, step }: Props) {
  const lines = drawn(picture);
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
      <Groups />
      {[...lines, ...further(picture, lines, chosen)].map((line) => (
        <Arrow
          key={`${line.from}-${line.to}`}
          line={line}
          lit={step === null && touches(line, chosen)}
          traffic={along(line, traffic)}
          now={step !== null && goesAlong(line, step)}
        />
      ))}
      {BOXES.map((box) => (
        <BoxButton
          key={box.id}
          box={box}
          chosen={box.id === chosen}
          failing={traffic.some((one) => one.to === box.id && one.failed > 0)}
          now={step?.to === box.id}
          choose={choose}
        />
      ))}
    </svg>
  );
}

function Groups() {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: an SVG group takes no focus
    <g aria-hidden="true">
      {GROUPS.map((group) => (
        <g key={group.id}>
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
      <text class="diagram-note" x={545} y={923} dominant-baseline="central">
        {t('architecture.connectedToAll')}
      </text>
    </g>
  );
}

export function goesAlong(line: Drawn, step: Step): boolean {
  const { from, to } = step;
  if (from === null) return false;
  const passed = hops(from, to);
  return line.arrows.some((arrow) => passed.some(([begin, end]) => arrow.from === begin && arrow.to === end));
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

interface ArrowProps {
  line: Drawn;
  lit: boolean;
  traffic: Traffic | null;
  now: boolean;
}

function Arrow({ line, lit, traffic, now }: ArrowProps) {
  const d = roundedPath(line.points);
  const state = [lit && 'is-lit', traffic && 'is-busy', traffic && traffic.failed > 0 && 'is-failing', now && 'is-now'];
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: an SVG group takes no focus
    <g aria-hidden="true" class={['diagram-arrow', ...state].filter(Boolean).join(' ')}>
      <path
        class={`diagram-line flow-${line.flow}`}
        d={d}
        fill="none"
        marker-end={line.flow === 'both' ? undefined : `url(#head-${line.flow})`}
        marker-start={line.isTwoWay ? `url(#head-${line.flow})` : undefined}
      />
      {(traffic || now) && <path class="diagram-pulse" d={d} fill="none" />}
      {traffic && <Rate line={line} traffic={traffic} />}
    </g>
  );
}

/** At the middle of the line's longest segment; where that is short, only the list of arrows shows the value. */
function Rate({ line, traffic }: { line: Drawn; traffic: Traffic }) {
  const place = middle(line.points);
  if (!place) return null;
  return (
    <text class="diagram-rate" x={inside(place[0])} y={place[1] - 4} text-anchor="middle">
      {rate(traffic)}
    </text>
  );
}

/** Calls per minute and their mean duration. */
export function rate({ calls, seconds }: Traffic): string {
  const perMinute = Math.round((calls * 60) / WINDOW_S);
  const milliseconds = (seconds / calls) * 1000;
  return `${perMinute}/min · ${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}

const LABEL_WIDTH = 95;
/** Of "100/min · 1286 ms" */
const WIDEST_LABEL = 120;

/** The middle of a label that is not cut off at the edge of the diagram. */
export function inside(x: number): number {
  return Math.min(Math.max(x, WIDEST_LABEL / 2), SIZE.width - WIDEST_LABEL / 2);
}

function middle(points: Drawn['points']): readonly [number, number] | null {
  let best: readonly [number, number] | null = null;
  let longest = 0;
  points.slice(1).forEach(([x, y], index) => {
    const [fromX, fromY] = points[index]!;
    const length = Math.hypot(x - fromX, y - fromY);
    if (length <= longest || (y === fromY && length < LABEL_WIDTH)) return;
    longest = length;
    best = [(x + fromX) / 2, (y + fromY) / 2];
  });
  return best;
}

interface BoxProps {
  box: Box;
  chosen: boolean;
  failing: boolean;
  now: boolean;
  choose: (id: string) => void;
}

function BoxButton({ box, chosen, failing, now, choose }: BoxProps) {
  const press = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    choose(box.id);
  };
  const state = [chosen && 'is-chosen', failing && 'is-failing', now && 'is-now'];
  return (
    <g
      class={['diagram-box', ...state].filter(Boolean).join(' ')}
      role="button"
      tabindex={0}
      aria-pressed={chosen}
      aria-label={failing ? t('architecture.failing', box.name) : box.name}
      onClick={() => choose(box.id)}
      onKeyDown={press}>
      <rect x={box.x} y={box.y} width={box.w} height={box.h} rx={10} />
      <text x={box.x + box.w / 2} y={box.y + box.h / 2} text-anchor="middle" dominant-baseline="central">
        {box.name}
      </text>
    </g>
  );
}
