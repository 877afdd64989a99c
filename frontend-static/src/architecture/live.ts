/** Live data of the last minute from X-Ray, for roles that may read it: rates, latencies, errors, by box. */
import { signal } from '@preact/signals';
import { auth, isOperator } from '../auth/session';
import { serviceGraph, type XRayService } from '../ops/xray';
import type { Drawn } from './drawn';
import type { Picture } from './picture';

export const WINDOW_S = 60;
const EVERY_MS = 4000;

export interface Traffic {
  from: string;
  to: string;
  calls: number;
  failed: number;
  seconds: number;
}

/** Null without permission, or before the first answer. */
export const traffic = signal<Traffic[] | null>(null);
export const trafficFailure = signal(false);

/** X-Ray names that are not functions: AWS records types, SDKs record service names, the local daemon records both. */
const SERVICES: readonly (readonly [RegExp, string])[] = [
  [/^client$/i, 'client'],
  [/^cloudfront$/i, 'cloudfront'],
  [/^gateway$|api ?gateway/i, 'api-gateway'],
  [/ stream$|dynamodb ?stream/i, 'stream'],
  [/dynamodb/i, 'dynamodb'],
  [/^socket$|^apigatewaymanagementapi$/i, 'websocket'],
  [/^sns$|::sns/i, 'sns'],
  [/^sqs$|::sqs/i, 'sqs'],
  [/^kinesis$|::kinesis/i, 'kinesis'],
  [/^es$|opensearch|elasticsearch|^search$/i, 'opensearch'],
  [/^s3$|::s3/i, 's3-store'],
  [/cognito/i, 'cognito'],
];

/** Maps by type if the type is a service: a stream may have the same name as a function. */
export function boxOf(picture: Picture, name: string, type = ''): string | null {
  const isFunction = type === '' || type.startsWith('AWS::Lambda');
  const known = isFunction ? picture.nodes[name] : undefined;
  if (known) return known;
  for (const text of [name, type]) for (const [pattern, box] of SERVICES) if (pattern.test(text)) return box;
  return null;
}

/** Each line that a call passes: CloudFront sends no segments, except here for actions of this page. */
export function hops(from: string, to: string): readonly (readonly [string, string])[] {
  if (from !== 'client' || to !== 'api-gateway') return [[from, to]];
  return [
    ['client', 'cloudfront'],
    ['cloudfront', 'api-gateway'],
  ];
}

export function trafficOf(picture: Picture, services: readonly XRayService[]): Traffic[] {
  const boxes = new Map(services.map((one) => [one.ReferenceId, boxOf(picture, one.Name, one.Type)]));
  const found = new Map<string, Traffic>();
  for (const service of services)
    for (const edge of service.Edges) {
      const [from, to] = [boxes.get(service.ReferenceId), boxes.get(edge.ReferenceId)];
      if (!from || !to || from === to) continue;
      for (const [begin, end] of hops(from, to)) {
        const sum = found.get(`${begin} ${end}`) ?? { from: begin, to: end, calls: 0, failed: 0, seconds: 0 };
        const told = edge.SummaryStatistics;
        sum.calls += told.TotalCount;
        sum.failed += told.FaultStatistics.TotalCount;
        sum.seconds += told.TotalResponseTime;
        found.set(`${begin} ${end}`, sum);
      }
    }
  return [...found.values()];
}

/** The traffic on a line of the diagram: the sum of its arrows. */
export function along(line: Drawn, all: readonly Traffic[]): Traffic | null {
  const of = all.filter((one) => line.arrows.some((arrow) => arrow.from === one.from && arrow.to === one.to));
  if (of.length === 0) return null;
  const sum = (key: 'calls' | 'failed' | 'seconds') => of.reduce((total, one) => total + one[key], 0);
  return { from: line.from, to: line.to, calls: sum('calls'), failed: sum('failed'), seconds: sum('seconds') };
}

/** Polls every four seconds while the page is visible; returns a function that stops it. */
export function watch(picture: Picture): () => void {
  let stopped = false;
  const look = async () => {
    if (document.visibilityState !== 'visible') return;
    try {
      const credentials = await (await auth()).awsCredentials();
      if (!credentials || stopped) return;
      const now = Date.now() / 1000;
      const services = await serviceGraph(credentials, now - WINDOW_S, now);
      if (stopped) return;
      traffic.value = trafficOf(picture, services);
      trafficFailure.value = false;
    } catch {
      trafficFailure.value = true;
    }
  };
  if (!isOperator.value) return () => undefined;
  void look();
  const timer = setInterval(look, EVERY_MS);
  return () => {
    stopped = true;
    clearInterval(timer);
    traffic.value = null;
  };
}
