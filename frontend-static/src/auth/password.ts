/** Lengths of a password, in UTF-16 units: as the user pool's policy has it, and as much as Cognito takes. */
export const PASSWORD_LEAST = 10;
export const PASSWORD_MOST = 256;
