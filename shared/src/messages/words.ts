/** The ways a message can go. */
export const channels = ['email', 'sms'] as const;
export type Channel = (typeof channels)[number];

/**
 * `queued`: waits to be sent (again). `sending`: one sender has claimed it. `sent`: the mail server or the gateway has
 * taken it. `failed`: it was refused for good. `unknown`: it may or may not have been taken; only a person repeats it.
 */
export const messageStates = ['queued', 'sending', 'sent', 'failed', 'unknown'] as const;
export type MessageState = (typeof messageStates)[number];

/** The word for a channel inside a sentence. */
export const channelWords: { readonly [C in Channel]: string } = { email: 'e-mail', sms: 'SMS' };
