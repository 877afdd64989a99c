/**
 * The lazy half of signing in: Amplify's Cognito client (SRP, refresh, revocation). Loaded when somebody signs in or
 * has a session.
 */
import {
  confirmResetPassword,
  confirmSignUp,
  resendSignUpCode,
  resetPassword,
  signIn,
  signOut,
  signUp,
} from '@aws-amplify/auth';
import { cognitoCredentialsProvider, cognitoUserPoolsTokenProvider } from '@aws-amplify/auth/cognito';
import {
  type AmplifyContext,
  type AuthConfig,
  ConsoleLogger,
  createAmplifyContext,
  defaultStorage,
} from '@aws-amplify/core';
import { config } from '../config';

function authConfig(): AuthConfig {
  const { cognito } = config();
  const endpoint = cognito.endpoint ?? undefined;
  const userPool = {
    userPoolId: cognito.userPoolId,
    userPoolClientId: cognito.clientId,
    userPoolEndpoint: endpoint,
    loginWith: { email: true },
  };
  const { identityPoolId } = cognito;
  if (!identityPoolId) return { Cognito: userPool };
  const identityPool = {
    identityPoolId,
    identityPoolEndpoint: cognito.identityEndpoint ?? endpoint,
    allowGuestAccess: false,
  };
  return { Cognito: { ...userPool, ...identityPool } };
}

/** What the `aws-amplify` package would do, without the dozen other services that it brings. */
function connect(): AmplifyContext {
  const Auth = authConfig();
  cognitoUserPoolsTokenProvider.setAuthConfig(Auth);
  cognitoUserPoolsTokenProvider.setKeyValueStorage(defaultStorage);
  const providers = { tokenProvider: cognitoUserPoolsTokenProvider, credentialsProvider: cognitoCredentialsProvider };
  return createAmplifyContext({ Auth }, { Auth: providers });
}

ConsoleLogger.LOG_LEVEL = 'ERROR'; // Else it warns about every endpoint that is not AWS's own.
const amplify = connect();

export interface Tokens {
  accessToken: string;
  subject: string;
  groups: string[];
  email: string;
}

/** Valid tokens, refreshed when needed; null when nobody is signed in. @throws when the network fails. */
export async function tokens(forceRefresh: boolean): Promise<Tokens | null> {
  const { tokens: found } = await amplify.fetchAuthSession({ forceRefresh });
  if (!found) return null;
  const groups = found.accessToken.payload['cognito:groups'];
  return {
    accessToken: found.accessToken.toString(),
    subject: String(found.accessToken.payload.sub ?? ''),
    groups: Array.isArray(groups) ? groups.map(String) : [],
    email: String(found.idToken?.payload.email ?? ''),
  };
}

export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string | undefined;
}

/** IAM credentials of the identity pool's role for this person (GetId, GetCredentialsForIdentity). */
export async function awsCredentials(): Promise<AwsCredentials | null> {
  const { credentials } = await amplify.fetchAuthSession();
  return credentials
    ? {
        accessKeyId: credentials.accessKeyId,
        secretAccessKey: credentials.secretAccessKey,
        sessionToken: credentials.sessionToken,
      }
    : null;
}

/** USER_SRP_AUTH. The answer says whether the e-mail address must be confirmed first. */
export async function passwordSignIn(email: string, password: string): Promise<'done' | 'confirm'> {
  await signOut(amplify).catch(() => undefined); // A half-finished session makes signIn refuse.
  const { nextStep } = await signIn(amplify, { username: email, password, options: { authFlowType: 'USER_SRP_AUTH' } });
  if (nextStep.signInStep === 'DONE') return 'done';
  if (nextStep.signInStep === 'CONFIRM_SIGN_UP') return 'confirm';
  throw Object.assign(new Error(nextStep.signInStep), { name: 'UnsupportedChallenge' });
}

/**
 * Sign in once more, for a token whose `auth_time` is now. The library refuses that while it has a session, and signing
 * out would revoke it: so the session is laid aside, and taken up again when the password is wrong.
 */
export async function reauthenticate(email: string, password: string): Promise<void> {
  const prefix = `CognitoIdentityServiceProvider.${config().cognito.clientId}.`;
  const kept = Object.entries({ ...localStorage }).filter(([name]) => name.startsWith(prefix));
  for (const [name] of kept) localStorage.removeItem(name);
  try {
    await signIn(amplify, { username: email, password, options: { authFlowType: 'USER_SRP_AUTH' } });
  } catch (error) {
    for (const [name, value] of kept) localStorage.setItem(name, String(value));
    throw error;
  }
}

export async function register(email: string, password: string): Promise<void> {
  await signUp(amplify, { username: email, password, options: { userAttributes: { email } } });
}

export async function confirmEmail(email: string, code: string): Promise<void> {
  await confirmSignUp(amplify, { username: email, confirmationCode: code });
}

export async function resendCode(email: string): Promise<void> {
  await resendSignUpCode(amplify, { username: email });
}

export async function requestReset(email: string): Promise<void> {
  await resetPassword(amplify, { username: email });
}

export async function confirmReset(email: string, code: string, newPassword: string): Promise<void> {
  await confirmResetPassword(amplify, { username: email, confirmationCode: code, newPassword });
}

/** `everywhere` revokes the refresh tokens of all devices (GlobalSignOut); else only this one's. */
export async function signOutOfCognito(everywhere: boolean): Promise<void> {
  await signOut(amplify, { global: everywhere });
}
