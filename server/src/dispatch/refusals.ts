import type { WireError } from '@opsboard/shared/protocol/errors';
import { wireError } from '@opsboard/shared/protocol/errors';

/** Refusals that are not a rule's. */
export const unavailable = (): WireError =>
  wireError('unavailable', 'The board cannot write at the moment. Nothing is lost: it is tried again by itself.');

export const reused = (): WireError =>
  wireError('command_id_reused', 'This command id was used for something else. Make a new one.', {
    field: 'commandId',
  });

export const internal = (): WireError =>
  wireError('internal', 'Something went wrong on the server, and nothing was changed. It is in the server’s log.');

export const idTaken = (): WireError =>
  wireError('already_exists', 'Something with this id exists already. Make it again with a new id.', { field: 'id' });

export const emailTaken = (): WireError =>
  wireError('email_taken', 'This e-mail address is in use already. Choose another.', { field: 'email' });

export const partDescribed = (): WireError =>
  wireError('already_exists', 'This part ID is described already. Change that description instead.', {
    field: 'partId',
  });

/** For an asker who may not see the batch that holds the part. `index`: the command of an import that asked. */
export const partElsewhere = (part: string, index?: number): WireError =>
  wireError('part_in_open_batch', `${part} is already in another open batch. Ask an admin where it is.`, {
    field: 'parts',
    details: { part, ...(index === undefined ? {} : { index }) },
  });
