import type { Document } from 'bson';
import type { MongoClient } from 'mongodb';
import { commandAsSent, withoutDriverHabits } from './driver-habits.ts';
import { Mismatch, RunnerError } from './failures.ts';
import { assertMatches, show, type MatchContext } from './match.ts';
import type { ExpectedClientEvents } from './spec.ts';

/** An event with its name in the format's words. */
export interface ObservedEvent {
  name: string;
  group: 'command' | 'cmap' | 'sdam';
  event: Document;
}

const groups = {
  command: ['commandStarted', 'commandSucceeded', 'commandFailed'],
  cmap: [
    'connectionPoolCreated',
    'connectionPoolReady',
    'connectionPoolCleared',
    'connectionPoolClosed',
    'connectionCreated',
    'connectionReady',
    'connectionClosed',
    'connectionCheckOutStarted',
    'connectionCheckOutFailed',
    'connectionCheckedOut',
    'connectionCheckedIn',
  ],
  sdam: [
    'serverDescriptionChanged',
    'topologyDescriptionChanged',
    'topologyOpening',
    'topologyClosed',
    'serverOpening',
    'serverClosed',
    'serverHeartbeatStarted',
    'serverHeartbeatSucceeded',
    'serverHeartbeatFailed',
  ],
} as const;

/** Commands that never count, because the runner itself or the driver's monitor sends them. */
const alwaysIgnored = ['configureFailPoint', 'killAllSessions'];
const sensitive = [
  'authenticate',
  'saslStart',
  'saslContinue',
  'getnonce',
  'createUser',
  'updateUser',
  'hello',
  'isMaster',
];

/** Records what a client emits, in the order of the emission. */
export class EventLog {
  readonly events: ObservedEvent[] = [];
  #open = true;

  constructor(client: MongoClient, description: Document) {
    const wanted = (description['observeEvents'] ?? []) as string[];
    const ignored = new Set([
      ...alwaysIgnored,
      ...((description['ignoreCommandMonitoringEvents'] ?? []) as string[]),
      ...(description['observeSensitiveCommands'] === true ? [] : sensitive),
    ]);
    const known = new Set<string>();
    for (const [group, names] of Object.entries(groups)) {
      for (const emitted of names) {
        const name = `${emitted}Event`;
        known.add(name);
        if (!wanted.includes(name)) continue;
        client.on(emitted as 'commandStarted', (event) => {
          if (!this.#open || ignored.has(event.commandName)) return;
          this.events.push({ name, group: group as ObservedEvent['group'], event: asSent(event) });
        });
      }
    }
    // In CMAP's words; this driver's name for the same event.
    const unknown = wanted.filter(
      (name) => !known.has(name) && name !== 'poolReadyEvent' && name !== 'poolClearedEvent',
    );
    if (unknown.length > 0) throw new RunnerError(`the runner cannot observe ${unknown.join(', ')}`);
  }

  /** Later events are not recorded. */
  close(): void {
    this.#open = false;
  }

  /** Commands started, oldest first. */
  commands(): Document[] {
    return this.events
      .filter(({ name }) => name === 'commandStartedEvent')
      .map(({ event }) => event['command'] as Document);
  }
}

function asSent(event: Document): Document {
  const command = event['command'] as Document | undefined;
  return command === undefined ? event : { ...event, command: commandAsSent(command) };
}

/** Asserts that a client saw what the case says, in that order and no more unless it says so. */
export function assertEvents(expected: ExpectedClientEvents, log: EventLog, context: MatchContext): void {
  const group = expected.eventType ?? 'command';
  const actual = log.events.filter((event) => event.group === group);
  expected.events.forEach((wanted, index) => {
    const found = actual[index];
    if (found === undefined) {
      throw new Mismatch(
        `event ${index} of ${expected.client} is missing\n  expected ${show(wanted)}\n  found    ${summary(actual)}`,
      );
    }
    assertEvent(wanted, found, context, `event ${index} of ${expected.client}`);
  });
  if (expected.ignoreExtraEvents !== true && actual.length > expected.events.length) {
    throw new Mismatch(
      `${expected.client} saw ${actual.length - expected.events.length} more events\n  found    ${summary(actual)}`,
    );
  }
}

function assertEvent(wanted: Document, found: ObservedEvent, context: MatchContext, where: string): void {
  const [name, fields] = Object.entries(wanted)[0] as [string, Document];
  if (name !== found.name) throw new Mismatch(`${where}: ${name} expected, ${found.name} found (${describe(found)})`);
  for (const [field, value] of Object.entries(fields)) {
    const path = `${where}.${field}`;
    switch (field) {
      case 'command': {
        const command = withoutDriverHabits(found.event['command'] as Document, value as Document);
        assertMatches(value, command, context, true, path);
        break;
      }
      case 'reply':
        assertMatches(value, found.event[field], context, true, path);
        break;
      case 'commandName':
      case 'databaseName':
      case 'reason':
      case 'awaited':
        assertMatches(value, found.event[field], context, false, path);
        break;
      case 'hasServiceId':
        assertMatches(value, found.event['serviceId'] !== undefined, context, false, path);
        break;
      case 'hasServerConnectionId':
        assertMatches(value, found.event['serverConnectionId'] != null, context, false, path);
        break;
      default:
        throw new RunnerError(`the runner cannot check ${field} of ${name}`);
    }
  }
}

function describe({ name, event }: ObservedEvent): string {
  return event['commandName'] === undefined ? name : `${name} ${String(event['commandName'])}`;
}

function summary(events: ObservedEvent[]): string {
  return `[${events.map(describe).join(', ')}]`;
}
