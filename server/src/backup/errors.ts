/** Why a backup or a restore did not come about, as one sentence for the person who asked for it. */
export class BackupError extends Error {
  override name = 'BackupError';
}
