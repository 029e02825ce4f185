import { z } from 'zod';
import { id, line } from '../protocol/scalars.ts';
import { external, role } from './schema.ts';

/** SHA-256 in hexadecimal digits. */
const sha256 = z.string().length(64);
const recoveryHashes = z.array(sha256).max(20);

/** A person's own, after a first code has shown that their device has the secret. Composed by ingress only. */
export const enrolSecondFactor = z.strictObject({
  id,
  totp: z.strictObject({ secret: z.string().max(400) }),
  recoveryHashes,
});
export type EnrolSecondFactor = z.infer<typeof enrolSecondFactor>;

/** A person's own, after password and code. Composed by ingress only. */
export const dropSecondFactor = z.strictObject({ id });
export type DropSecondFactor = z.infer<typeof dropSecondFactor>;

/** New recovery codes in place of all earlier ones, after password and code. Composed by ingress only. */
export const renewRecoveryCodes = z.strictObject({ id, recoveryHashes });
export type RenewRecoveryCodes = z.infer<typeof renewRecoveryCodes>;

/** An admin takes off somebody else's second factor: a device that is lost, with its recovery codes. */
export const removeSecondFactor = z.strictObject({ id, why: line(300) });
export type RemoveSecondFactor = z.infer<typeof removeSecondFactor>;

/** A recovery code was used, by its hash: the one command of several at once that finds it there goes through. */
export const spendRecoveryCode = z.strictObject({ id, recoveryHashes: z.tuple([sha256]) });
export type SpendRecoveryCode = z.infer<typeof spendRecoveryCode>;

/** What a sign-in at the provider says of a person: who they are there, and their role where it decides that. */
export const followProvider = z.strictObject({ id, external, role: role.optional() });
export type FollowProvider = z.infer<typeof followProvider>;
