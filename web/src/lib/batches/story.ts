import { statusWords, type Status } from '@opsboard/shared/batches/steps';
import type { Actor } from '@opsboard/shared/protocol/actors';
import type { Entry } from '@opsboard/shared/protocol/entries';
import { counted, dayTime } from '#lib/time/format.ts';
import { tellOnRoute, tellRoute } from './route-story.ts';

/** What a story may look up. */
export type StoryContext = {
  zone: string;
  personName(id: string): string | undefined;
  /** An API key as it stands in a sentence: `key Warehouse sync`. */
  keyName?(id: string): string | undefined;
  /** The batch's reference, and where it goes and comes from, as far as they are in view. */
  batch(
    id: string,
  ):
    | { reference: string; center?: string | undefined; branch?: string | undefined; driver?: string | undefined }
    | undefined;
  /** A route's reference, as far as it is in view. */
  routeReference?(id: string): string | undefined;
  recordName(kind: 'customer' | 'center' | 'branch' | 'person', id: string): string | undefined;
};

/** An entry as one sentence: who did what to which record, and a detail. */
export type Story = {
  who: string;
  /** A person's initials stand beside it; otherwise the icon of a clock. */
  byPerson: boolean;
  did: string;
  /** As `did`, where the record needs no naming; otherwise it is `did` and "it". */
  didIt?: string;
  /** The record's name, as `B-2041`. */
  what: string;
  /** What else, with the reason at its end. */
  rest: string;
  /** `rest` without the reason. */
  bare: string;
  /** The reason that was given. */
  why?: string;
  /** The verb told of: of an import, the command that it carried. */
  verb: string;
  /** The batch to open, if it is about one. */
  batch?: string;
  /** The status reached, when it was a step. */
  status?: Status;
  breached?: boolean;
};

/** What a story is told from: an entry of the journal, or what a live change says of itself, which has no values. */
export type Told = Pick<Entry, 'actor' | 'verb' | 'kind' | 'id' | 'why'> & Partial<Pick<Entry, 'set' | 'unset'>>;

const systemNames: { readonly [id: string]: string } = {
  clock: 'Clock',
  setup: 'Setup',
  archive: 'Archive',
  messenger: 'Messenger',
  retention: 'Retention',
};

/** Tells an entry of the journal in words. */
export function storyOf(entry: Told, context: StoryContext): Story {
  const told = tell(entry, context);
  const why = entry.why;
  const rest = why === undefined ? told.rest : told.rest === '' ? `(${why})` : `${told.rest}: ${why}`;
  return { ...told, rest, bare: told.rest, verb: entry.verb, ...(why === undefined ? {} : { why }) };
}

/** Parts by their state in an entry's paths: `parts.P-1`, `parts.P-1.out`. */
const partsIn = (paths: readonly string[], out = false): string[] =>
  paths.flatMap((path) => {
    const [, part, tail] = /^parts\.([^.]+)(\.out)?$/.exec(path) ?? [];
    return part !== undefined && (tail !== undefined) === out ? [part] : [];
  });

/** One part by its name, more by their number; what is not known at all is "parts". */
const nameParts = (parts: readonly string[]): string =>
  parts.length === 0 ? 'parts' : parts.length === 1 ? parts[0]! : counted(parts.length, 'part');

const deliveryWords: { readonly [state: string]: string } = {
  sent: 'was sent',
  failed: 'could not be sent',
  unknown: 'may not have arrived',
  queued: 'waits to be sent again',
};

/** What became of a message to the customer. */
function tellMessage(base: Base, set: Told['set'], verb: string): Sentence {
  const [channel, word] = set?.['response.sms'] ? (['sms', 'SMS'] as const) : (['email', 'e-mail'] as const);
  const { state = '', why } = (set?.[`response.${channel}`] ?? {}) as { state?: string; why?: string };
  if (verb === 'message.sendAgain')
    return { ...base, did: `sent the ${word} again for`, didIt: `sent the ${word} again`, rest: '' };
  const words = `reports: the ${word} ${deliveryWords[state] ?? 'is under way'}`;
  return { ...base, did: `${words}, for`, didIt: words, rest: why ? `(${why})` : '' };
}

function whoDid({ type, id }: Actor, context: StoryContext): string {
  switch (type) {
    case 'person':
      return context.personName(id) ?? 'Somebody';
    case 'key': {
      const key = context.keyName?.(id) ?? 'a key';
      return key.charAt(0).toUpperCase() + key.slice(1);
    }
    case 'system':
      return systemNames[id] ?? 'The system';
  }
}

type Base = Pick<Sentence, 'who' | 'byPerson' | 'what' | 'batch'>;
type Sentence = Omit<Story, 'bare' | 'why' | 'verb'>;

function tell(entry: Told, context: StoryContext): Sentence {
  const { set = {}, unset = [] } = entry;
  const byPerson = entry.actor.type === 'person';
  const who = whoDid(entry.actor, context);
  if (entry.kind === 'route') {
    const what = context.routeReference?.(entry.id) ?? String(set['reference'] ?? 'a route');
    return { who, byPerson, what, ...tellRoute(entry) };
  }
  if (entry.kind !== 'batch') {
    const known =
      entry.kind === 'customer' || entry.kind === 'center' || entry.kind === 'branch' || entry.kind === 'person';
    const name = known ? context.recordName(entry.kind as 'customer', entry.id) : undefined;
    return {
      who,
      byPerson,
      did: entry.verb.endsWith('.create')
        ? 'added'
        : entry.verb === 'customer.eraseContacts'
          ? 'erased the contacts of'
          : entry.verb === 'person.erase'
            ? 'erased'
            : 'changed',
      what: name ?? entry.kind,
      rest: '',
    };
  }
  const batch = context.batch(entry.id);
  const base = { who, byPerson, what: batch?.reference ?? String(set['reference'] ?? 'a batch'), batch: entry.id };
  const count = (status: Status): string => {
    const step = set[`steps.${status}`] as { count?: number } | undefined;
    return step?.count === undefined ? '' : `, ${counted(step.count, 'part')} counted`;
  };
  const center = batch?.center ?? 'the center';
  /** A driver does with their own hands what the room only reports. */
  const byDriver = byPerson && entry.actor.id === ((set['driver'] as string | undefined) ?? batch?.driver);
  const driver = (): string => {
    const id = (set['driver'] as string | undefined) ?? batch?.driver;
    const name = id === undefined ? undefined : context.personName(id);
    return name === undefined || name === who ? '' : ` with ${name}`;
  };
  switch (entry.verb) {
    case 'batch.create':
      return { ...base, did: 'created', rest: batch?.branch ? `at ${batch.branch}` : '', status: 'draft' };
    case 'batch.seal':
      return { ...base, did: 'sealed', rest: count('sealed').replace(/^, /, 'with '), status: 'sealed' };
    case 'batch.depart':
      return byDriver
        ? { ...base, did: 'took', rest: `to ${center}`, status: 'in_transit_to_center' }
        : { ...base, did: 'sent', rest: `to ${center}${driver()}`, status: 'in_transit_to_center' };
    case 'batch.arrive':
      return byDriver
        ? { ...base, did: 'delivered', rest: `to ${center}`, status: 'at_center' }
        : { ...base, did: 'checked', rest: `in at ${center}`, status: 'at_center' };
    case 'batch.departBack':
      return byDriver
        ? { ...base, did: 'fetched', rest: `from ${center}`, status: 'in_transit_back' }
        : { ...base, did: 'sent', rest: `back from ${center}${driver()}`, status: 'in_transit_back' };
    case 'batch.complete':
      return {
        ...base,
        did: 'completed',
        rest: `${batch?.branch ? `at ${batch.branch}` : ''}${count('completed')}`.replace(/^, /, 'with '),
        status: 'completed',
      };
    case 'batch.moveDueDate': {
      const due = set['dueAt'];
      const date = typeof due === 'number' ? dayTime(due, context.zone) : 'a new date';
      return {
        ...base,
        did: 'moved the date of',
        didIt: 'moved its date',
        rest: `to ${date}`,
      };
    }
    case 'batch.assignDriver': {
      const id = set['driver'];
      if (typeof id !== 'string')
        return { ...base, did: 'took the driver off', didIt: 'took its driver off', rest: '' };
      return { ...base, did: 'gave', rest: `to ${context.personName(id) ?? 'a driver'}` };
    }
    case 'batch.addParts':
      return { ...base, did: `added ${nameParts(partsIn(Object.keys(set)))} to`, rest: '' };
    case 'batch.removeParts':
      return { ...base, did: `took ${nameParts(partsIn(unset))} out of`, rest: '' };
    case 'batch.handOver': {
      const { to, count: handed } = (set['handover'] ?? {}) as { to?: string; count?: number };
      const name = to === undefined ? undefined : context.personName(to);
      return {
        ...base,
        did: 'handed',
        rest: `over to ${name ?? 'its driver'}${handed === undefined ? '' : `, ${counted(handed, 'part')} counted`}`,
      };
    }
    case 'batch.takeBack': {
      const back = set['status'] as Status | undefined;
      return { ...base, did: 'took', rest: back ? `back to ${statusWords[back].word}` : 'a step back' };
    }
    case 'batch.cancel':
      return { ...base, did: 'cancelled', rest: '' };
    case 'batch.reopen': {
      const draft = unset.includes('cancelledAt');
      return { ...base, did: 'reopened', rest: draft ? 'as a draft' : '' };
    }
    case 'batch.correctPart': {
      const [instead] = partsIn(Object.keys(set));
      const [part] = partsIn(unset);
      const what = instead === undefined || part === undefined ? '' : `${instead} instead of ${part}`;
      return { ...base, did: 'corrected a wrong scan in', didIt: 'corrected a wrong scan', rest: what };
    }
    case 'batch.settleParts': {
      const parts = partsIn(Object.keys(set), true);
      const how = (set[`parts.${parts[0]}.out`] as { how?: string } | undefined)?.how ?? 'lost or scrapped';
      return {
        ...base,
        did: `reported ${nameParts(parts)} ${how} in`,
        didIt: `reported ${nameParts(parts)} ${how}`,
        rest: '',
      };
    }
    case 'batch.restoreParts': {
      const parts = nameParts(partsIn(unset, true));
      return { ...base, did: `found ${parts} again in`, didIt: `found ${parts} again`, rest: '' };
    }
    case 'batch.split': {
      const from = set['splitFrom'];
      if (typeof from === 'string') {
        const origin = context.batch(from)?.reference ?? 'another batch';
        const kept = set['partCount'];
        return {
          ...base,
          did: 'made',
          rest: `of ${typeof kept === 'number' ? counted(kept, 'part') : 'the parts'} that stayed behind from ${origin}`,
        };
      }
      const parts = nameParts(partsIn(unset));
      return { ...base, did: `left ${parts} behind from`, didIt: `left ${parts} behind`, rest: '' };
    }
    case 'batch.edit': {
      const changed = (['branch', 'customer', 'center'] as const).flatMap((kind) => {
        const id = set[kind];
        return typeof id === 'string' ? [`${kind} ${context.recordName(kind, id) ?? 'another'}`] : [];
      });
      return { ...base, did: 'changed', rest: changed.length > 0 ? `to ${changed.join(', ')}` : '' };
    }
    case 'batch.logCall':
      return { ...base, did: 'called the center about', didIt: `called ${center}`, rest: '' };
    case 'batch.notifyCustomer':
      return { ...base, did: 'notified the customer of', didIt: 'notified the customer', rest: '' };
    case 'batch.addNote':
      return { ...base, did: 'wrote a note on', didIt: 'wrote a note', rest: '' };
    case 'message.settle':
    case 'message.erase':
    case 'message.sendAgain':
      return tellMessage(base, set, entry.verb);
    case 'batch.markBreached':
      return { ...base, did: 'breached', rest: 'its date passed', breached: true };
    case 'batch.archive':
      return { ...base, did: 'archived', rest: '' };
    case 'undo': {
      const back = set['status'] as Status | undefined;
      // What the undone command was is in the fields that it gives back.
      return {
        ...base,
        did: 'undid a change of',
        didIt: 'undid a change',
        rest: back ? `back to ${statusWords[back].word}` : '',
      };
    }
    default: {
      const onRoute = entry.verb.startsWith('route.')
        ? tellOnRoute(entry, { center, branch: batch?.branch })
        : undefined;
      return { ...base, did: 'changed', rest: '', ...onRoute };
    }
  }
}
