/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { TrailPoint } from '@opsboard/shared/positions/schema';
import { app, browser, oneApp, world } from '../support/one-app.ts';
import { accessibilityFindings, openPage } from '../support/page.ts';
import { driverUnderWay, inStep, notInStep } from '../support/phone.ts';
import { until } from '../support/until.ts';

oneApp({
  world: 'Places',
  flags: ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
});

/** A place on the way, some seventy metres from the one before. */
const place = (n: number) => ({ longitude: 4.9 + n / 1_000, latitude: 52.37, accuracy: 5 });
/** Places of all phones are written together every few seconds. */
const slow = 20_000;
const unseen = (page: Page) => page.getByText('The desk does not see where you are.');

/** How many positions the phone keeps. */
const kept = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const opening = indexedDB.open('opsboard-drive');
        opening.onsuccess = () => {
          const asked = opening.result.transaction('positions').objectStore('positions').count();
          asked.onsuccess = () => {
            opening.result.close();
            resolve(asked.result);
          };
        };
      }),
  );

/** Where a route was driven, as far as it is kept: longitudes. */
async function trail(route: string): Promise<number[]> {
  const { body } = await world.admin.get<{ points: TrailPoint[] }>(`/api/routes/${route}/trail`);
  return body.points.map(([, lon]) => lon);
}

it('says where it is while a route runs, keeps it without network, and sends it then; the desk sees it on its map', async () => {
  const { route, phone } = await driverUnderWay(browser, app, world, 'driver1', 0, {
    permissions: ['geolocation'],
    geolocation: place(1),
  });
  await using _ = phone;
  const { page, context } = phone;
  await until('the first place is with the server', async () => (await trail(route.id)).length === 1, slow);
  expect(await unseen(page).count()).toBe(0);

  await using opened = await openPage(browser, await world.as('ops'), '/operations/map');
  const line = opened.page.getByRole('button', { name: /Places driver1/ });
  await line.click();
  await opened.page.getByText(/^Position .* old$/).waitFor();

  await phone.offline(true);
  await notInStep(page, 'Offline').waitFor();
  for (const n of [2, 3, 4]) {
    await context.setGeolocation(place(n));
    await until(`place ${n} is kept`, async () => (await kept(page)) === n - 1);
  }
  expect(await trail(route.id)).toEqual([4.901]);
  // It is there, too, after the page was closed.
  await page.close();
  const again = await phone.open();
  await notInStep(again, 'Offline').waitFor();
  expect(await kept(again)).toBeGreaterThanOrEqual(3);
  await phone.offline(false);
  await inStep(again);
  await until(
    'every place is with the server, once, in order',
    async () => {
      const driven = [...new Set(await trail(route.id))];
      return driven.join() === '4.901,4.902,4.903,4.904';
    },
    slow,
  );
  await until('nothing is kept any more', async () => (await kept(again)) === 0);
  expect(await trail(route.id)).toEqual([...(await trail(route.id))].sort());
  expect(opened.complaints).toEqual([]);
});

it('says on the route when it may not tell its place, and goes on when it may', async () => {
  const { route, phone } = await driverUnderWay(browser, app, world, 'driver2');
  await using _ = phone;
  const { page, context } = phone;
  await unseen(page).waitFor();
  expect(await accessibilityFindings(page)).toEqual([]);
  expect(await trail(route.id)).toEqual([]);

  await context.setGeolocation(place(7));
  await context.grantPermissions(['geolocation'], { origin: app.url });
  await until('its place is with the server', async () => (await trail(route.id)).includes(4.907), slow);
  await unseen(page).waitFor({ state: 'detached' });

  await context.clearPermissions();
  await unseen(page).waitFor();
  expect(phone.complaints).toEqual([]);
});
