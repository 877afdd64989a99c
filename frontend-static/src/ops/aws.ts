/**
 * Calls AWS APIs with this person's IAM credentials from the identity pool. IAM decides about access: "denied" is
 * reported like any other result.
 */
import { AwsClient } from 'aws4fetch';
import type { AwsCredentials } from '../auth/amplify';
import { config } from '../config';

export class Denied extends Error {}

export interface Alarm {
  name: string;
  state: string;
  reason: string;
}

export interface LogGroup {
  name: string;
  bytes: number;
}

export interface PoolUser {
  email: string;
  status: string;
  enabled: boolean;
  created: string;
}

const DENIED = /AccessDenied|NotAuthorized|UnauthorizedOperation|InvalidClientTokenId|UnrecognizedClient/;

function client(credentials: AwsCredentials): AwsClient {
  return new AwsClient({ ...credentials, region: config().region, retries: 1 });
}

function endpoint(service: string): string {
  const base = config().awsEndpoint;
  return base ? `${base.replace(/\/$/, '')}/` : `https://${service}.${config().region}.amazonaws.com/`;
}

/** AWS JSON protocol: a header contains the operation. */
async function call<T>(
  credentials: AwsCredentials,
  host: string,
  service: string,
  target: string,
  version: string,
  body: object,
): Promise<T> {
  const response = await client(credentials).fetch(endpoint(host), {
    method: 'POST',
    headers: { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': target },
    body: JSON.stringify(body),
    aws: { service, signQuery: false },
  });
  return parsed<T>(response);
}

/** REST with JSON bodies, as in X-Ray: the path is the operation. */
export async function restJson<T>(
  credentials: AwsCredentials,
  service: string,
  path: string,
  body: object,
): Promise<T> {
  const response = await client(credentials).fetch(endpoint(service).replace(/\/$/, path), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    aws: { service, signQuery: false },
  });
  return parsed<T>(response);
}

async function parsed<T>(response: Response): Promise<T> {
  const text = await response.text();
  if (!response.ok)
    throw response.status === 403 || DENIED.test(text) ? new Denied(text) : new Error(`HTTP ${response.status}`);
  return JSON.parse(text) as T;
}

/** CloudWatch uses the older Query protocol: form in, XML out. */
export async function alarms(credentials: AwsCredentials): Promise<Alarm[]> {
  const response = await client(credentials).fetch(endpoint('monitoring'), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: new URLSearchParams({ Action: 'DescribeAlarms', Version: '2010-08-01', MaxRecords: '100' }).toString(),
    aws: { service: 'monitoring' },
  });
  const text = await response.text();
  if (!response.ok)
    throw response.status === 403 || DENIED.test(text) ? new Denied(text) : new Error(`HTTP ${response.status}`);
  const members = [...new DOMParser().parseFromString(text, 'text/xml').querySelectorAll('MetricAlarms > member')];
  const field = (member: Element, name: string): string => member.querySelector(`:scope > ${name}`)?.textContent ?? '';
  return members.map((member) => ({
    name: field(member, 'AlarmName'),
    state: field(member, 'StateValue'),
    reason: field(member, 'StateReason'),
  }));
}

export async function logGroups(credentials: AwsCredentials): Promise<LogGroup[]> {
  const answer = await call<{ logGroups?: { logGroupName: string; storedBytes?: number }[] }>(
    credentials,
    'logs',
    'logs',
    'Logs_20140328.DescribeLogGroups',
    '1.1',
    { limit: 50 },
  );
  return (answer.logGroups ?? []).map((group) => ({ name: group.logGroupName, bytes: group.storedBytes ?? 0 }));
}

interface RawUser {
  Attributes?: { Name: string; Value: string }[];
  UserStatus: string;
  Enabled: boolean;
  UserCreateDate: number;
}

export async function users(credentials: AwsCredentials): Promise<PoolUser[]> {
  const answer = await call<{ Users?: RawUser[] }>(
    credentials,
    'cognito-idp',
    'cognito-idp',
    'AWSCognitoIdentityProviderService.ListUsers',
    '1.1',
    { UserPoolId: config().cognito.userPoolId, Limit: 60 },
  );
  return (answer.Users ?? []).map((user) => ({
    email: user.Attributes?.find((attribute) => attribute.Name === 'email')?.Value ?? '',
    status: user.UserStatus,
    enabled: user.Enabled,
    created: new Date(user.UserCreateDate * 1000).toISOString(),
  }));
}
