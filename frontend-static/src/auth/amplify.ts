/**
 * The lazily loaded part of authentication: Amplify's Cognito client (SRP, refresh, revocation). Loaded at sign-in, or
 * when there is a session.
 */
import {
  confirmResetPassword,
  confirmSignUp,
  confirmUserAttribute,
  resendSignUpCode,
  resetPassword,
  sendUserAttributeVerificationCode,
  signIn,
  signOut,
  signUp,
  updatePassword,
  updateUserAttributes,
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
import { language } from '../state/settings';

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

/** Replaces the setup of the `aws-amplify` package, without the dozen other services that it bundles. */
function connect(): AmplifyContext {
  const Auth = authConfig();
  cognitoUserPoolsTokenProvider.setAuthConfig(Auth);
  cognitoUserPoolsTokenProvider.setKeyValueStorage(defaultStorage);
  const providers = { tokenProvider: cognitoUserPoolsTokenProvider, credentialsProvider: cognitoCredentialsProvider };
  return createAmplifyContext({ Auth }, { Auth: providers });
}

ConsoleLogger.LOG_LEVEL = 'ERROR'; // Otherwise it warns about every endpoint that is not AWS's.
const amplify = connect();

export interface Tokens {
  accessToken: string;
  subject: string;
  groups: string[];
  email: string;
}

/** Valid tokens, refreshed when needed; null when signed out. @throws when the network fails. */
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

/** Signs in with USER_SRP_AUTH. The result says whether the e-mail address must be confirmed first. */
export async function passwordSignIn(email: string, password: string): Promise<'done' | 'confirm'> {
  await signOut(amplify).catch(() => undefined); // signIn refuses while a half-finished session exists.
  const { nextStep } = await signIn(amplify, { username: email, password, options: { authFlowType: 'USER_SRP_AUTH' } });
  if (nextStep.signInStep === 'DONE') return 'done';
  if (nextStep.signInStep === 'CONFIRM_SIGN_UP') return 'confirm';
  throw Object.assign(new Error(nextStep.signInStep), { name: 'UnsupportedChallenge' });
}

/**
 * Signs in again, to get a token with a current `auth_time`. The library refuses that while it has a session, and
 * signing out would revoke it: so the session is put aside, and restored when the password is wrong.
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

/** Sets the language of Cognito's mail. */
const inOwnLanguage = () => ({ clientMetadata: { language: language.value } });

/** The account stores the language too, for mails that no page requested. */
export async function register(email: string, password: string): Promise<void> {
  const userAttributes = { email, locale: language.value };
  await signUp(amplify, { username: email, password, options: { userAttributes, ...inOwnLanguage() } });
}

/** Idempotent. */
export async function confirmEmail(email: string, code: string): Promise<void> {
  try {
    await confirmSignUp(amplify, { username: email, confirmationCode: code });
  } catch (error) {
    if (!saysConfirmed(error)) throw error;
  }
}

/** Returns false when the address was confirmed already. */
export async function resendCode(email: string): Promise<boolean> {
  try {
    await resendSignUpCode(amplify, { username: email, options: inOwnLanguage() });
    return true;
  } catch (error) {
    if (saysConfirmed(error)) return false;
    throw error;
  }
}

function saysConfirmed(error: unknown): boolean {
  return error instanceof Error && /status is CONFIRMED|already confirmed/.test(error.message);
}

/** Succeeds in the same way for unknown and unconfirmed addresses, so that it does not reveal accounts. */
export async function requestReset(email: string): Promise<void> {
  try {
    await resetPassword(amplify, { username: email, options: inOwnLanguage() });
  } catch (error) {
    const tells = error instanceof Error && /^(UserNotFound|InvalidParameter)Exception$/.test(error.name);
    if (!tells) throw error;
  }
}

/** Sends a code to the new address; until it is entered, the old address applies. Returns whether a code is needed. */
export async function changeEmail(email: string): Promise<boolean> {
  const given = { userAttributes: { email }, options: inOwnLanguage() };
  const { email: result } = await updateUserAttributes(amplify, given);
  return result?.nextStep.updateAttributeStep === 'CONFIRM_ATTRIBUTE_WITH_CODE';
}

export async function resendEmailCode(): Promise<void> {
  await sendUserAttributeVerificationCode(amplify, { userAttributeKey: 'email', options: inOwnLanguage() });
}

export async function confirmNewEmail(code: string): Promise<void> {
  await confirmUserAttribute(amplify, { userAttributeKey: 'email', confirmationCode: code });
}

export async function changePassword(oldPassword: string, newPassword: string): Promise<void> {
  await updatePassword(amplify, { oldPassword, newPassword });
}

export async function confirmReset(email: string, code: string, newPassword: string): Promise<void> {
  await confirmResetPassword(amplify, { username: email, confirmationCode: code, newPassword });
}

/** `everywhere` revokes the refresh tokens of all devices (GlobalSignOut); otherwise only this device's. */
export async function signOutOfCognito(everywhere: boolean): Promise<void> {
  await signOut(amplify, { global: everywhere });
}
