/** The endpoints of this deployment, from `/config.json`, which each deployment writes beside the build. */

export interface Config {
  target: 'embedded' | 'compose' | 'aws';
  region: string;
  /** Empty: the API has the page's own origin. */
  apiBaseUrl: string;
  realtimeUrl: string;
  /** Null where only the WebSocket exists, as on AWS. */
  webTransport?: { url: string; certificateUrl: string } | null;
  /** The media server; null without one: then there are no live streams, and group calls have at most four people. */
  sfu?: string | null;
  /** Endpoints are null where AWS's own are used. */
  cognito: {
    endpoint: string | null;
    identityEndpoint?: string | null;
    userPoolId: string;
    clientId: string;
    identityPoolId: string | null;
  };
  /** Base URL of the AWS APIs if it is not AWS's own. */
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
