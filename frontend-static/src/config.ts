/** Where this build talks to: `/config.json` is written next to it by each deployment. */

export interface Config {
  target: 'embedded' | 'compose' | 'aws';
  region: string;
  /** Empty: the API has the origin of the page. */
  apiBaseUrl: string;
  realtimeUrl: string;
  /** Null where there is only the WebSocket, as on AWS. */
  webTransport?: { url: string; certificateUrl: string } | null;
  /** The media server; null where there is none: no live streams, and no group calls of more than four. */
  sfu?: string | null;
  /** Endpoints are null where AWS's own are used. */
  cognito: {
    endpoint: string | null;
    identityEndpoint?: string | null;
    userPoolId: string;
    clientId: string;
    identityPoolId: string | null;
  };
  /** Base URL of the AWS APIs when they are not AWS's own. */
  awsEndpoint: string | null;
  links: { mailbox?: string; console?: string };
  vapidPublicKey: string | null;
}

let current: Config | undefined;

export async function loadConfig(): Promise<Config> {
  const response = await fetch('/config.json', { headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`/config.json: expected 200, got ${response.status}`);
  current = (await response.json()) as Config;
  return current;
}

export function config(): Config {
  if (!current) throw new Error('config() is called before loadConfig()');
  return current;
}
