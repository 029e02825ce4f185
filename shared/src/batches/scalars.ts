import { z } from 'zod';
import { partIdPattern } from './steps.ts';

/** A part ID, see {@link partIdPattern}. */
export const partId = z
  .string()
  .trim()
  .regex(partIdPattern, 'a part ID is 1 to 40 letters, digits, "-", "_" or "/"')
  .transform((text) => text.toUpperCase());
