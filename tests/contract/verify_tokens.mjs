// Verifies one user's tokens as an application does: by the discovery document alone. Input: JSON on stdin.
import { readFileSync } from 'node:fs';
import { CognitoJwtVerifier } from 'aws-jwt-verify';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const { discovery, poolId, clientId, access, id, refused } = JSON.parse(readFileSync(0, 'utf8'));
const known = await (await fetch(discovery)).json();
const result = { jose: {}, awsJwtVerify: {} };

const keys = createRemoteJWKSet(new URL(known.jwks_uri));
const byJose = async (token, options) => (await jwtVerify(token, keys, { issuer: known.issuer, ...options })).payload;
result.jose.access = (await byJose(access, {})).sub;
result.jose.id = (await byJose(id, { audience: clientId })).sub;

// It fetches keys by HTTPS from AWS alone; here it is given those that the document names.
const jwks = await (await fetch(known.jwks_uri)).json();
const verifier = (tokenUse) => {
  const made = CognitoJwtVerifier.create({ userPoolId: poolId, clientId, tokenUse });
  made.cacheJwks(jwks);
  return made;
};
result.awsJwtVerify.access = (await verifier('access').verify(access)).sub;
result.awsJwtVerify.id = (await verifier('id').verify(id)).sub;

// What each of them refuses: `[token, use]`, with the name of the error.
const errorOf = (attempt) => attempt.then(() => 'accepted', (error) => error.code ?? error.constructor.name);
result.jose.refused = await Promise.all(refused.map(([token]) => errorOf(byJose(token, {}))));
result.awsJwtVerify.refused = await Promise.all(refused.map(([token, use]) => errorOf(verifier(use).verify(token))));
console.log(JSON.stringify(result));
