import type { Document } from 'bson';
import type { MongoClient } from 'mongodb';
import type { LoadedSpec, Operation, Requirement, SpecTest } from './spec.ts';

/** What the runner needs to know of the server to choose cases. */
export interface ServerFacts {
  /** As `buildInfo` says it. */
  version: string;
  /** The highest wire version of `hello`. */
  wireVersion: number;
  topology: 'single' | 'replicaset' | 'sharded';
  parameters: Document;
}

/** The newest schema version that the runner knows. */
const newestSchema = [1, 23] as const;

/** Operations that no API of this driver offers: the case cannot be put into words, whatever the server does. */
const absentFromDriver = new Map([
  ['mapReduce', 'the Node driver has no mapReduce'],
  ['listDatabaseObjects', 'the Node driver has no listDatabaseObjects'],
]);

/** Asks the server what it is. */
export async function serverFacts(client: MongoClient): Promise<ServerFacts> {
  const admin = client.db('admin');
  const build = await admin.command({ buildInfo: 1 });
  const hello = await admin.command({ hello: 1 });
  const parameters = await admin.command({ getParameter: '*' }).catch(() => ({}));
  return {
    version: build['version'] as string,
    wireVersion: hello['maxWireVersion'] as number,
    topology: hello['msg'] === 'isdbgrid' ? 'sharded' : hello['setName'] === undefined ? 'single' : 'replicaset',
    parameters,
  };
}

/** Why a case does not run here, in few words that group well; undefined when it runs. */
export function skipReason(loaded: LoadedSpec, test: SpecTest, facts: ServerFacts): string | undefined {
  const { spec } = loaded;
  const [major = 0, minor = 0] = spec.schemaVersion.split('.').map(Number);
  if (major !== newestSchema[0] || minor > newestSchema[1]) return `schema version ${spec.schemaVersion}`;
  if (test.skipReason !== undefined) return 'the case itself says so';
  for (const requirements of [spec.runOnRequirements, test.runOnRequirements]) {
    if (requirements === undefined) continue;
    const reasons = requirements.map((requirement) => unmet(requirement, facts));
    if (reasons.every((reason) => reason !== undefined)) return reasons[0];
  }
  const operations = allOperations(test.operations);
  for (const { name } of operations) {
    const reason = absentFromDriver.get(name);
    if (reason !== undefined) return reason;
    if (name === 'clientBulkWrite' && facts.wireVersion < 25) return 'needs the bulkWrite command';
  }
  return undefined;
}

function allOperations(operations: Operation[]): Operation[] {
  return operations.flatMap((operation) => [
    operation,
    ...allOperations((operation.arguments?.['callback'] ?? []) as Operation[]),
    ...allOperations((operation.arguments?.['operations'] ?? []) as Operation[]),
  ]);
}

function unmet(requirement: Requirement, facts: ServerFacts): string | undefined {
  const { minServerVersion: min, maxServerVersion: max, topologies } = requirement;
  if (topologies !== undefined && !topologies.includes(facts.topology)) return `needs ${topologies.join(' or ')}`;
  if (min !== undefined && compareVersions(facts.version, min) < 0) return `needs server ≥ ${min}`;
  if (max !== undefined && compareVersions(facts.version, max) > 0) return `needs server ≤ ${max}`;
  if (requirement.auth === true || requirement.authMechanism !== undefined) return 'needs authentication';
  if (requirement.csfle !== undefined && requirement.csfle !== false) return 'needs client-side encryption';
  if (requirement.serverless === 'require') return 'needs serverless';
  for (const [name, value] of Object.entries(requirement.serverParameters ?? {})) {
    if (facts.parameters[name] !== value) return `needs parameter ${name}`;
  }
  return undefined;
}

/** Negative, zero or positive, by parts; a missing part counts as 0. */
function compareVersions(left: string, right: string): number {
  const parse = (version: string): number[] => (version.split('-')[0] ?? '').split('.').map(Number);
  const [a, b] = [parse(left), parse(right)];
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
