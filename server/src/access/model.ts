import type { Connection } from 'mongoose';
import { Schema } from 'mongoose';
import type { Actor } from '@opsboard/shared/protocol/actors';
import type { AccessVerb } from '@opsboard/shared/access/verbs';

/** One line of the log of who saw what. Written once, never changed; deleted by retention. */
export type StoredAccess = {
  _id: string;
  org: string;
  at: number;
  what: Exclude<AccessVerb, 'changed'>;
  actor?: Actor;
  kind?: string;
  id?: string;
  detail?: string;
  address?: string;
};

const accessSchema = new Schema(
  { _id: { type: String, required: true }, org: String, at: Number, id: String, actor: Schema.Types.Mixed },
  { collection: 'access', versionKey: false, autoIndex: false, autoCreate: false, minimize: false, strict: false },
);
accessSchema.index({ org: 1, at: 1, _id: 1 });
accessSchema.index({ org: 1, 'actor.id': 1, at: 1, _id: 1 });
accessSchema.index({ org: 1, id: 1, at: 1, _id: 1 });

/** The model of the access log on a connection. It is no record: nothing of it goes through the journal. */
export const accessModel = (connection: Connection) => connection.model('access', accessSchema);
export const accessLines = (connection: Connection) => connection.collection<StoredAccess>('access');
