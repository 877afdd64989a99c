/** The data types of the diagram, its size and its groups. */
export type Flow = 'command' | 'query' | 'both' | 'rtc';

export interface Text {
  en: string;
  ja: string;
}

export interface Box {
  id: string;
  name: string;
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface Group {
  id: string;
  name: string;
  x: number;
  y: number;
  w: number;
  h: number;
}

/** The path of a possible arrow; the deployment determines whether it exists (`drawn.ts`). */
export interface Line {
  /** The id of a box, or of a group for all of its boxes. */
  from: string;
  to: string;
  /** Corners of the line, start and end included. */
  points: readonly (readonly [number, number])[];
}

export const SIZE = { width: 1200, height: 975 } as const;

export const GROUPS: readonly Group[] = [
  { id: 'auth', name: 'Authentication', x: 30, y: 130, w: 200, h: 100 },
  { id: 'ui', name: 'UI', x: 30, y: 270, w: 200, h: 100 },
  { id: 'cdn', name: 'CDN', x: 450, y: 130, w: 220, h: 100 },
  { id: 'gateway', name: 'Gateway', x: 450, y: 270, w: 220, h: 100 },
  { id: 'api', name: 'API', x: 280, y: 405, w: 560, h: 210 },
  { id: 'query', name: 'Query', x: 296, y: 440, w: 180, h: 160 },
  { id: 'command', name: 'Command', x: 494, y: 440, w: 330, h: 160 },
  { id: 'storage', name: 'Storage', x: 30, y: 675, w: 200, h: 185 },
  { id: 'repository', name: 'Repository', x: 280, y: 675, w: 560, h: 185 },
  { id: 'notification', name: 'Notification', x: 930, y: 405, w: 220, h: 380 },
  { id: 'rtc', name: 'RTC', x: 890, y: 130, w: 290, h: 220 },
  { id: 'observability', name: 'Observability', x: 30, y: 880, w: 1150, h: 82 },
];

/** A group's arrows are those of its boxes. */
export const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  query: ['query'],
  command: ['post', 'chat', 'call', 'profile', 'more'],
  notification: ['sns', 'sqs', 'consumer', 'clock'],
  rtc: ['websocket', 'kinesis', 'rtc-lambda'],
};
