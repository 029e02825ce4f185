import type { Browser, Locator, Page } from 'playwright-core';
import { newId } from '../../server/src/platform/ids.ts';
import type { Client } from './client.ts';
import { live, openPage } from './page.ts';
import { readRoute } from './phone.ts';
import type { World } from './world.ts';

/** The branch, the near center and the far one on a line, from west to east. */
export async function placeOnLine({ admin, branches, centers }: World): Promise<void> {
  await admin.mustCommand('branch.edit', { id: branches.north, rev: 1, position: [4.9, 52.37], address: '1 Quay' });
  await admin.mustCommand('center.edit', { id: centers.near, rev: 1, position: [4.91, 52.37], address: '2 Mill' });
  await admin.mustCommand('center.edit', { id: centers.far, rev: 1, position: [4.95, 52.37], address: '3 Works' });
}

/** When it was done, milliseconds, where that was not now. */
type Since = { doneAt?: number };

/** A sealed batch of the north branch with one part, for a center. */
export async function sealedBatch(world: World, center: string, since: Since = {}): Promise<string> {
  const id = newId();
  const { branches, customers, admin } = world;
  const parts = [`P-${id.slice(-12)}`];
  const args = { id, branch: branches.north, customer: customers.fast, center, parts };
  await admin.mustCommand('batch.create', args, since);
  await admin.mustCommand('batch.seal', { id, count: 1 }, since);
  return id;
}

export const batchReference = async ({ admin }: World, batch: string): Promise<string> =>
  (await admin.get<{ batch: { reference: string } }>(`/api/batches/${batch}`)).body.batch.reference;

/** The day in the organization's zone. */
export const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Berlin' }).format(new Date());

/** A route of the first driver: picked up at the north branch, handed over at the near center, then at the far one. */
export async function plannedRoute(world: World, since: Since = {}) {
  const { branches, centers, admin } = world;
  const [near, far] = [await sealedBatch(world, centers.near, since), await sealedBatch(world, centers.far, since)];
  const [id, home, first, second] = [newId(), newId(), newId(), newId()];
  await admin.mustCommand(
    'route.create',
    {
      id,
      branch: branches.north,
      day: today,
      driver: world.people.driver1.id,
      stops: [
        { id: home, place: { kind: 'branch', id: branches.north }, pickUp: [near, far], handOver: [] },
        { id: first, place: { kind: 'center', id: centers.near }, pickUp: [], handOver: [near] },
        { id: second, place: { kind: 'center', id: centers.far }, pickUp: [], handOver: [far] },
      ],
    },
    since,
  );
  return { id, home, first, second, near, far, reference: (await readRoute(world, id)).reference };
}

/** Opens a route at a desk. */
export async function openRoutePage(browser: Browser, client: Client, id: string) {
  const open = await openPage(browser, client, `/operations/routes?route=${id}`);
  await live(open.page);
  await stopsIn(open.page).first().waitFor();
  return open;
}

export const view = (page: Page): Locator => page.getByRole('region', { name: /^Route R-/ });
export const stopsIn = (page: Page): Locator => page.locator('[data-stop]');
export const stopRow = (page: Page, id: string): Locator => page.locator(`[data-stop="${id}"]`);
export const dialog = (page: Page): Locator => page.getByRole('dialog');
