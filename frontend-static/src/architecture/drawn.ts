/** The arrows of the diagram: those that the templates prove, along the diagram's lines. */
import { BOXES } from './boxes';
import { LINES } from './lines';
import { type Box, type Flow, type Line, MEMBERS } from './model';
import type { Picture, ProvenArrow } from './picture';

export interface Drawn extends Line {
  flow: Flow;
  /** Proven in both directions. */
  isTwoWay: boolean;
  arrows: readonly ProvenArrow[];
}

const members = (id: string): readonly string[] => MEMBERS[id] ?? [id];

function between(picture: Picture, from: string, to: string): ProvenArrow[] {
  const [sources, targets] = [members(from), members(to)];
  return picture.arrows.filter((arrow) => sources.includes(arrow.from) && targets.includes(arrow.to));
}

function flowOf(arrows: readonly ProvenArrow[]): Flow {
  const flows = new Set(arrows.map((arrow) => arrow.flow));
  if (flows.has('rtc')) return 'rtc';
  if (flows.has('both') || (flows.has('command') && flows.has('query') && arrows.length === 2)) return 'both';
  return flows.has('command') ? 'command' : 'query';
}

/** The lines with at least one proven arrow. */
export function drawn(picture: Picture): Drawn[] {
  return LINES.flatMap((line) => {
    const arrows = between(picture, line.from, line.to);
    if (arrows.length === 0) return [];
    const flow = flowOf(arrows);
    const back = flow === 'rtc' ? between(picture, line.to, line.from) : [];
    const isTwoWay = line.from === 'client' ? flow === 'rtc' : back.length > 0;
    return [{ ...line, flow, isTwoWay, arrows: [...arrows, ...back] }];
  });
}

/** The other arrows of a box, straight from edge to edge: shown while the box is chosen. */
export function further(picture: Picture, lines: readonly Drawn[], id: string): Drawn[] {
  const known = new Set(lines.flatMap((line) => line.arrows));
  const rest = picture.arrows.filter((arrow) => !known.has(arrow) && (arrow.from === id || arrow.to === id));
  return rest.flatMap((arrow) => {
    const [from, to] = [arrow.from, arrow.to].map((name) => BOXES.find((box) => box.id === name));
    if (!from || !to) return [];
    const points = [edge(from, to), edge(to, from)];
    return [{ from: arrow.from, to: arrow.to, points, flow: arrow.flow, isTwoWay: false, arrows: [arrow] }];
  });
}

/** Where the line between the centres of `box` and `other` leaves `box`. */
function edge(box: Box, other: Box): readonly [number, number] {
  const [x, y] = [box.x + box.w / 2, box.y + box.h / 2];
  const [dx, dy] = [other.x + other.w / 2 - x, other.y + other.h / 2 - y];
  const share = Math.min(box.w / 2 / (Math.abs(dx) || 1), box.h / 2 / (Math.abs(dy) || 1));
  return [Math.round(x + dx * share), Math.round(y + dy * share)];
}

export function touches(line: Drawn, id: string): boolean {
  return line.arrows.some((arrow) => arrow.from === id || arrow.to === id);
}
