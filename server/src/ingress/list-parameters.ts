import { z } from 'zod';

/** Several values of one filter: the parameter repeated, or one with commas. */
export const several = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (given) => (typeof given === 'string' ? given.split(',') : given),
    z.array(item).min(1).max(50).meta({ description: 'Repeat the parameter, or separate values by commas.' }),
  );

/** A calendar day, as `2026-12-24`. @param which which of them, as a sentence */
export const day = (which: string) => z.iso.date().optional().meta({ description: which });

/** Those that are out of use instead of those in use. @param which what is listed with `true`, as a sentence */
export const archivedInstead = (which: string) =>
  z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .meta({ description: which });

/**
 * A page of a list: `limit` rows behind the place that `cursor` names.
 *
 * @param read the place that a cursor names, or undefined when it is none of ours
 */
export const pageShape = <Place>(
  read: (cursor: string) => Place | undefined,
  limits: { usual: number; most: number },
) => ({
  limit: z.coerce.number().int().min(1).max(limits.most).default(limits.usual),
  cursor: z
    .string()
    .max(600)
    .transform((text, context): Place => {
      const place = read(text);
      if (place !== undefined) return place;
      context.addIssue({ code: 'custom', message: 'is not one of ours. Begin again without it' });
      return z.NEVER;
    })
    .optional()
    .meta({ description: '`next` of the page before, unchanged.' }),
});
