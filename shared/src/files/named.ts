import type { Organization } from '../organization/schema.ts';
import type { Command } from '../protocol/envelope.ts';

/** The files that a command names, with the field that does: they must have come before it. */
export function filesNamedBy(command: Command): { field: string; id: string }[] {
  switch (command.name) {
    case 'organization.edit':
      return given({ logo: command.args.logo });
    case 'route.handOver':
      return given({ signature: command.args.signature, photo: command.args.photo });
    case 'route.report':
      return given({ photo: command.args.photo });
    default:
      return [];
  }
}

const given = (fields: { [field: string]: string | null | undefined }): { field: string; id: string }[] =>
  Object.entries(fields).flatMap(([field, id]) => (id ? [{ field, id }] : []));

/** The route whose proof the files of a command are; undefined: they are nobody's in particular. */
export const routeOfFiles = (command: Command): string | undefined =>
  command.name === 'route.handOver' || command.name === 'route.report' ? command.args.id : undefined;

/** Every file that an organization's own record names. Those of routes say themselves whose they are. */
export const filesOf = (organization: Pick<Organization, 'logo'> | undefined): string[] =>
  organization?.logo === undefined ? [] : [organization.logo];
