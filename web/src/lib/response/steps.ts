import type { Response } from '@opsboard/shared/batches/response-schema';
import { currentResponse, nextStep, type ResponseStep } from '@opsboard/shared/batches/response';
import type { BatchInView } from '@opsboard/shared/batches/schema';
import { channels, channelWords, type Channel } from '@opsboard/shared/messages/words';

/** The response of a batch as it is at a moment; one that nobody has begun is empty. */
export const responseOf = (batch: BatchInView, now: number): Response | undefined =>
  currentResponse(batch, now)?.response;

/** The step that is offered on a batch now. */
export const offeredOn = (batch: BatchInView, now: number): ResponseStep | undefined =>
  nextStep(responseOf(batch, now));

const nameOfChannel: { readonly [C in Channel]: string } = { email: 'E-mail', sms: 'SMS' };

/** What became of a message, in a few words: `E-mail sent 14:32`. */
export function deliveryWords(response: Response, channel: Channel, when: (at: number) => string): string {
  const delivery = response[channel];
  if (!delivery) return '';
  const name = nameOfChannel[channel];
  switch (delivery.state) {
    case 'queued':
      return delivery.nextAt === undefined ? `${name} on its way` : `${name}: next try ${when(delivery.nextAt)}`;
    case 'sending':
      return `${name} on its way`;
    case 'sent':
      return `${name} sent ${when(delivery.at)}`;
    case 'failed':
      return `${name} failed ${when(delivery.at)}`;
    case 'unknown':
      return `${name}: not known whether it arrived`;
  }
}

/** What became of the messages of a response, the ones that are there. */
export const deliveries = (response: Response | undefined, when: (at: number) => string): string[] =>
  response ? channels.flatMap((channel) => deliveryWords(response, channel, when) || []) : [];

/** `e-mail and SMS`. */
export const channelList = (chosen: readonly Channel[]): string =>
  chosen.map((channel) => channelWords[channel]).join(' and ');
