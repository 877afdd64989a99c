/** X-Ray's API with the person's role. Locally, the gateway answers from the console's traces. */
import type { AwsCredentials } from '../auth/amplify';
import { restJson } from './aws';

export interface Statistics {
  TotalCount: number;
  TotalResponseTime: number;
  FaultStatistics: { TotalCount: number };
}

export interface XRayService {
  ReferenceId: number;
  Name: string;
  Type: string;
  Edges: { ReferenceId: number; SummaryStatistics: Statistics }[];
}

export interface TraceSummary {
  Id: string;
  StartTime: number;
  Duration: number;
  HasFault: boolean;
  HasError: boolean;
  Http: { HttpURL?: string | null; HttpMethod?: string | null };
  ServiceIds: { Name: string; Type: string }[];
  EntryPoint: { Name: string };
}

/** A segment or subsegment document. */
export interface Entity {
  id: string;
  name: string;
  parent_id?: string;
  start_time: number;
  end_time?: number;
  origin?: string;
  namespace?: string;
  fault?: boolean;
  error?: boolean;
  aws?: { operation?: string; table_name?: string; table_names?: string[] };
  http?: { request?: { method?: string; url?: string }; response?: { status?: number } };
  annotations?: Record<string, unknown>;
  subsegments?: Entity[];
}

/** Times are epoch seconds. */
export async function serviceGraph(credentials: AwsCredentials, from: number, to: number): Promise<XRayService[]> {
  const answer = await restJson<{ Services?: XRayService[] }>(credentials, 'xray', '/ServiceGraph', {
    StartTime: from,
    EndTime: to,
  });
  return answer.Services ?? [];
}

/** Pages of a hundred, fetched one by one on demand. */
export async function* traceSummaries(
  credentials: AwsCredentials,
  from: number,
  to: number,
): AsyncGenerator<TraceSummary[]> {
  let next: string | undefined;
  do {
    const body = { StartTime: from, EndTime: to, NextToken: next };
    const page: { TraceSummaries: TraceSummary[]; NextToken?: string } = await restJson(
      credentials,
      'xray',
      '/TraceSummaries',
      body,
    );
    yield page.TraceSummaries;
    next = page.NextToken;
  } while (next);
}

export async function trace(credentials: AwsCredentials, id: string): Promise<Entity[]> {
  const body = { TraceIds: [id] };
  const answer = await restJson<{ Traces: { Segments: { Document: string }[] }[] }>(
    credentials,
    'xray',
    '/Traces',
    body,
  );
  return (answer.Traces[0]?.Segments ?? []).map((segment) => JSON.parse(segment.Document) as Entity);
}
