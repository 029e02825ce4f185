/**
 * Why a sign-in at the provider came to nothing, as the sign-in page is told in its address: a word of this list, and
 * never anything that came from outside.
 */
export const providerRefusals = {
  off: 'No sign-in provider is set up here. Sign in with your e-mail address and password.',
  away: 'The sign-in provider does not answer. Try again in a moment, or sign in with your password.',
  declined: 'The sign-in provider did not let you in. Try again there, or sign in with your password.',
  interrupted: 'This sign-in took too long, or began in another window. Begin it again here.',
  email_unverified:
    'The sign-in provider does not vouch for your e-mail address. Confirm the address there, then try again.',
  unknown: 'Your account has no place on this board. Ask your admin to add you.',
  no_role: 'Your account has no role on this board. Ask your admin to be given one.',
  too_many: 'Too many attempts. Wait 15 minutes, then try again.',
  failed: 'The board could not sign you in at the moment. Try again.',
} as const;

export type ProviderRefusal = keyof typeof providerRefusals;
