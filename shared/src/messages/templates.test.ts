import { describe, expect, it } from 'vitest';
import { newMessage } from './schema.ts';
import { composeMessages, languageOf, messageLanguages } from './templates.ts';

const facts = {
  customer: 'Vantor Retail',
  reference: 'B-2041',
  organization: 'Harbour Service',
  promisedAt: Date.UTC(2026, 9, 15, 10, 18),
  timeZone: 'America/New_York',
};
const dueAt = Date.UTC(2026, 9, 15, 16, 30);
const id = '0199e000-0000-7000-8000-000000000000';

describe('messages to customers', () => {
  it.each(messageLanguages)('%s: both name the batch and the new date on the customer’s own clock', (language) => {
    const { subject, text, sms } = composeMessages({ ...facts, dueAt }, language);
    for (const each of [subject, text, sms]) expect(each).toContain('B-2041');
    for (const each of [subject, text, sms]) expect(each).toMatch(/12[:.]30/);
    expect(text).toMatch(/0?6[:.]18/);
    expect(text).toContain('Vantor Retail');
    for (const each of [text, sms]) expect(each.endsWith('Harbour Service')).toBe(true);
    expect(`${subject}${text}${sms}`).not.toMatch(/undefined|\$\{/);
  });

  it.each(messageLanguages)('%s: without a new date no date is promised', (language) => {
    const { subject, text, sms } = composeMessages(facts, language);
    expect(`${subject}${sms}`).not.toMatch(/\d\d[:.]\d\d/);
    expect(text.match(/\d\d[:.]\d\d/g)).toHaveLength(1);
  });

  it.each(messageLanguages)('%s: what is proposed may be sent, however long the names are', (language) => {
    const long = { ...facts, dueAt, customer: 'C'.repeat(80), organization: 'O'.repeat(80), reference: 'B-1234567' };
    const { subject, text, sms } = composeMessages(long, language);
    expect(newMessage.safeParse({ id, channel: 'email', to: 'a@x.test', subject, text }).success).toBe(true);
    expect(newMessage.safeParse({ id, channel: 'sms', to: '+49 30 12345', text: sms }).success).toBe(true);
  });

  it.each([
    ['de', 'de'],
    ['de-AT', 'de'],
    ['pt-BR', 'en'],
    [undefined, 'en'],
  ])('language %s is written in %s', (tag, language) => expect(languageOf(tag)).toBe(language));
});
