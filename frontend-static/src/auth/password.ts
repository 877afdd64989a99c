/** Password lengths in UTF-16 units: the minimum of the user pool's policy, and Cognito's maximum. */
export const PASSWORD_LEAST = 10;
export const PASSWORD_MOST = 256;
