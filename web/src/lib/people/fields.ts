/** What is wrong with an e-mail address as typed; undefined: nothing that can be seen. */
export function refusedEmail(text: string): string | undefined {
  return /^\S+@\S+\.\S+$/.test(text) ? undefined : 'Type an e-mail address, as you@company.com.';
}

/** What is wrong with a telephone number as typed. */
export function refusedPhone(text: string): string | undefined {
  return /^\+?[0-9 ()./-]{4,30}$/.test(text) ? undefined : 'Type a telephone number, as +49 30 1234567.';
}
