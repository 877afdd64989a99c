/** The diagram as data: what it is made of, its size and its groups. */
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
  does: Text;
}

export interface Group {
  id: string;
  name: string;
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface Arrow {
  from: string;
  to: string;
  flow: Flow;
  /** Corners of the line, start and end included. */
  points: readonly (readonly [number, number])[];
}

export const SIZE = { width: 1200, height: 860 } as const;

export const GROUPS: readonly Group[] = [
  { id: 'auth', name: 'Authentication', x: 30, y: 130, w: 200, h: 100 },
  { id: 'ui', name: 'UI', x: 30, y: 270, w: 200, h: 100 },
  { id: 'cdn', name: 'CDN', x: 450, y: 130, w: 220, h: 100 },
  { id: 'gateway', name: 'Gateway', x: 450, y: 270, w: 220, h: 100 },
  { id: 'api', name: 'API', x: 280, y: 405, w: 560, h: 170 },
  { id: 'query', name: 'Query', x: 296, y: 440, w: 180, h: 120 },
  { id: 'command', name: 'Command', x: 494, y: 440, w: 330, h: 120 },
  { id: 'storage', name: 'Storage', x: 30, y: 635, w: 200, h: 100 },
  { id: 'repository', name: 'Repository', x: 280, y: 635, w: 560, h: 100 },
  { id: 'notification', name: 'Notification', x: 930, y: 405, w: 220, h: 330 },
  { id: 'rtc', name: 'RTC', x: 890, y: 130, w: 290, h: 220 },
  { id: 'observability', name: 'Observability', x: 30, y: 768, w: 1150, h: 82 },
];
