/** One action step by step: the spans of a trace as moves between boxes, in chronological order. */
import type { Entity } from '../ops/xray';
import { boxOf } from './live';
import type { Picture } from './picture';

export interface Step {
  /** Null where the trace, or this part of it, begins inside: by a schedule, or because the parent is missing. */
  from: string | null;
  /** The span has a parent that is not in the trace. */
  isOrphan: boolean;
  to: string;
  /** The function's or service's name, with operation and table. */
  what: string;
  /** Milliseconds after the first step. */
  at: number;
  /** Duration in milliseconds. */
  takes: number;
  failed: boolean;
}

interface Span {
  entity: Entity;
  parent: Span | null;
  isOrphan: boolean;
  box: string | null;
}

export function steps(picture: Picture, segments: readonly Entity[]): Step[] {
  const spans = spansOf(picture, segments);
  const began = Math.min(...spans.map(starts));
  return spans
    .toSorted((one, other) => starts(one) - starts(other) || depth(one) - depth(other))
    .flatMap((span) => {
      const from = above(span);
      return span.box && span.box !== from ? [stepOf(span, from, span.box, began)] : [];
    });
}

/** Streams record whole seconds, and clocks differ: no step may begin before its cause. */
function starts({ entity, parent }: Span): number {
  return parent ? Math.max(entity.start_time, starts(parent)) : entity.start_time;
}

function depth(span: Span): number {
  return span.parent ? depth(span.parent) + 1 : 0;
}

/** Only clients call these; they send no spans. */
const DOORS = ['cloudfront', 'api-gateway'];

function stepOf(span: Span, above: string | null, to: string, began: number): Step {
  const { entity } = span;
  const { operation, table_name: table, table_names: tables = [] } = entity.aws ?? {};
  const request = entity.http?.request;
  const isClients = above === null && DOORS.includes(to);
  const what = [entity.name, operation, table, tables.join(', '), request?.method, request?.url]
    .filter(Boolean)
    .join(' ');
  return {
    from: isClients ? 'client' : above,
    isOrphan: span.isOrphan && !isClients,
    to,
    what,
    at: Math.round((starts(span) - began) * 1000),
    takes: Math.round(((entity.end_time ?? entity.start_time) - entity.start_time) * 1000),
    failed: entity.fault === true || entity.error === true,
  };
}

/** The box of the nearest ancestor that has one. */
function above(span: Span): string | null {
  for (let one = span.parent; one; one = one.parent) if (one.box) return one.box;
  return null;
}

/** Subsegments that only measure inside a function (`## handler`) have no box. */
function spansOf(picture: Picture, segments: readonly Entity[]): Span[] {
  const byId = new Map<string, Span>();
  const parents = new Map<Span, string | undefined>();
  const walk = (entity: Entity, parent: string | undefined): void => {
    const inside = entity.name.startsWith('## ');
    const span: Span = {
      entity,
      parent: null,
      isOrphan: false,
      box: inside ? null : boxOf(picture, entity.name, entity.origin),
    };
    byId.set(entity.id, span);
    parents.set(span, parent);
    for (const child of entity.subsegments ?? []) walk(child, entity.id);
  };
  for (const segment of segments) walk(segment, segment.parent_id);
  for (const [span, parent] of parents) {
    span.parent = byId.get(parent ?? '') ?? null;
    span.isOrphan = parent !== undefined && span.parent === null;
  }
  return [...byId.values()];
}
