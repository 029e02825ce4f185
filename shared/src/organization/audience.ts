import type { View } from '../protocol/view.ts';

/** Everybody inside sees the organization: its name, time zone and times of grace. */
export const organizationView: View<'organization'> = { sees: () => true, hides: () => [] };
