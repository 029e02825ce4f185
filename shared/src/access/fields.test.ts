import { expect, it } from 'vitest';
import type { Kind } from '../protocol/kinds.ts';
import { fieldWord } from './fields.ts';

it.each<[Kind, string, string]>([
  ['customer', 'slaHours', 'SLA hours'],
  ['customer', 'timeZone', 'time zone'],
  ['batch', 'dueAt', 'expected return date'],
  ['center', 'hours', 'opening hours'],
  ['organization', 'hours', 'working hours'],
  ['person', 'totp', 'second factor'],
])('%s.%s is called %s', (kind, field, word) => expect(fieldWord(kind, field)).toBe(word));
