import { EJSON, type Document } from 'bson';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The Unified Test Format, as far as the runner reads it. Field names are the format's own. */
export interface SpecFile {
  description: string;
  schemaVersion: string;
  runOnRequirements?: Requirement[];
  createEntities?: EntityDescription[];
  initialData?: CollectionData[];
  tests: SpecTest[];
}

/** One case. */
export interface SpecTest {
  description: string;
  skipReason?: string;
  runOnRequirements?: Requirement[];
  operations: Operation[];
  expectEvents?: ExpectedClientEvents[];
  outcome?: CollectionData[];
}

/** What a server must be for a file or a case to run; all keys of one must hold. */
export interface Requirement {
  minServerVersion?: string;
  maxServerVersion?: string;
  topologies?: string[];
  serverParameters?: Document;
  serverless?: 'require' | 'forbid' | 'allow';
  auth?: boolean;
  authMechanism?: string;
  csfle?: unknown;
}

/** One entity to make: a single key, the sort, and its settings. */
export type EntityDescription = Record<string, Document & { id: string }>;

/** Documents that a collection has before a case, or must have after it. */
export interface CollectionData {
  databaseName: string;
  collectionName: string;
  documents: Document[];
  createOptions?: Document;
}

/** One step of a case. */
export interface Operation {
  name: string;
  object: string;
  arguments?: Document;
  expectError?: ExpectedError;
  expectResult?: unknown;
  saveResultAsEntity?: string;
  ignoreResultAndError?: boolean;
}

/** What an error must be. */
export interface ExpectedError {
  isError?: boolean;
  isClientError?: boolean;
  isTimeoutError?: boolean;
  errorContains?: string;
  errorCode?: number;
  errorCodeName?: string;
  errorLabelsContain?: string[];
  errorLabelsOmit?: string[];
  errorResponse?: Document;
  writeErrors?: Document;
  writeConcernErrors?: unknown[];
  expectResult?: unknown;
}

/** What a client must have observed. */
export interface ExpectedClientEvents {
  client: string;
  eventType?: 'command' | 'cmap' | 'sdam';
  events: Document[];
  ignoreExtraEvents?: boolean;
}

/** A file with the folder and name that its cases are called by. */
export interface LoadedSpec {
  folder: string;
  file: string;
  spec: SpecFile;
}

/** Name of a case in the list of failing ones: folder/file/description. */
export function caseName(spec: LoadedSpec, test: SpecTest): string {
  return `${spec.folder}/${spec.file}/${test.description}`;
}

/** Reads `root/<folder>/*.json`, folders and files in order of their names. */
export function loadSpecs(root: string): LoadedSpec[] {
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders
    .map((entry) => entry.name)
    .sort()
    .flatMap((folder) =>
      readdirSync(join(root, folder))
        .filter((file) => file.endsWith('.json'))
        .sort()
        .map((file) => ({ folder, file, spec: parseSpec(readFileSync(join(root, folder, file), 'utf8')) })),
    );
}

/** Relaxed extended JSON: numbers are plain, every other BSON type is kept. */
export function parseSpec(text: string): SpecFile {
  return EJSON.parse(text, { relaxed: true }) as SpecFile;
}
