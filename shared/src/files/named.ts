import type { Organization } from '../organization/schema.ts';
import type { Command } from '../protocol/envelope.ts';

/** The files that a command names, with the field that does: they must have come before it. */
export function filesNamedBy(command: Command): { field: string; id: string }[] {
  if (command.name === 'organization.edit' && command.args.logo) return [{ field: 'logo', id: command.args.logo }];
  return [];
}

/** Every file that an organization's records name: the others are swept. */
export const filesOf = (organization: Pick<Organization, 'logo'> | undefined): string[] =>
  organization?.logo === undefined ? [] : [organization.logo];
