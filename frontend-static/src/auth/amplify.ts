/**
 * The lazy half of signing in: Amplify's Cognito client (SRP, refresh, revocation). Loaded when somebody signs in or
 * has a session.
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

/** Says in which language Cognito's mail shall be. */
const inOwnLanguage = () => ({ clientMetadata: { language: language.value } });

/** The account keeps the language too: for mails that nobody asked for on a page. */
export async function register(email: string, password: string): Promise<void> {
  const userAttributes = { email, locale: language.value };
  await signUp(amplify, { username: email, password, options: { userAttributes, ...inOwnLanguage() } });
}

/** Doing it twice changes nothing. */
export async function confirmEmail(email: string, code: string): Promise<void> {
  try {
    await confirmSignUp(amplify, { username: email, confirmationCode: code });
  } catch (error) {
    if (!saysConfirmed(error)) throw error;
  }
}

/** Whether there was something to confirm still. */
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

/** An address without an account, or whose owner never confirmed it, ends the same way as one that gets a code. */
export async function requestReset(email: string): Promise<void> {
  try {
    await resetPassword(amplify, { username: email, options: inOwnLanguage() });
  } catch (error) {
    const tells = error instanceof Error && /^(UserNotFound|InvalidParameter)Exception$/.test(error.name);
    if (!tells) throw error;
  }
}

/** A code goes to the new address; until it is entered the old one counts. Whether there is a code to enter. */
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
