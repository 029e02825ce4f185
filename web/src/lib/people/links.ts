import type { MailState } from '@opsboard/shared/people/links';
import { call, type Result } from '#lib/socket/http.ts';

/** A one-time link as the list has it: without its token. */
export type LinkShown = {
  id: string;
  purpose: 'invitation' | 'password';
  createdAt: number;
  createdBy?: string;
  expiresAt: number;
  usedAt?: number;
  revokedAt?: number;
  mail?: { state: MailState; at: number; why?: string };
};

export const readLinks = (person: string): Promise<Result<{ links: LinkShown[]; mails: boolean }>> =>
  call('GET', `/api/people/${person}/links`);

/** What became of the e-mail with a link, in a sentence. */
export function mailWords(mail: NonNullable<LinkShown['mail']>, to: string): string {
  switch (mail.state) {
    case 'sending':
      return `An e-mail to ${to} is on its way.`;
    case 'sent':
      return `An e-mail was sent to ${to}.`;
    case 'failed':
      return `No e-mail went out to ${to}. ${mail.why ?? ''}`.trim();
    case 'unknown':
      return `Whether the e-mail to ${to} arrived is not known. ${mail.why ?? ''}`.trim();
  }
}
