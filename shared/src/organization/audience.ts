import type { View } from '../protocol/audiences.ts';

/** Everybody inside sees the organization: its name, time zone and times of grace. */
export const organizationView: View<'organization'> = { sees: () => true, hides: () => [] };
