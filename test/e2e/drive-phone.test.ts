/// <reference lib="dom" />
import { describe, expect, it } from 'vitest';
import { app, browser, oneApp, world } from '../support/one-app.ts';
import { driverUnderWay, loseSignal, notInStep, press, readRoute, waiting } from '../support/phone.ts';
import { until } from '../support/until.ts';

oneApp();

const underWay = (who: 'driver1' | 'driver2', clock?: number) => driverUnderWay(browser, app, world, who, clock);

describe('a phone', () => {
  const day = 86_400_000;
  it.each([
    ['a day ahead all the time', day, day],
    ['a day behind all the time', -day, -day],
    ['right, and set a day ahead without network', 0, day],
    ['right, and set a day back without network', 0, -day],
  ])('[C6] its clock is %s: what was done has the right time all the same', async (_what, before, after) => {
    const { route, phone } = await underWay('driver2', before);
    await using _ = phone;
    await loseSignal(phone);
    await phone.page.close();
    await phone.setClock(after);
    const page = await phone.open();
    await notInStep(page, 'Offline').waitFor();
    const from = Date.now();
    await press(page, 'I have arrived');
    await waiting(page, 1);
    const to = Date.now();
    await phone.offline(false);
    const arrived = async () => (await readRoute(world, route.id)).stops[route.stops.north.id]!.arrived;
    await until('it has come', async () => (await arrived()) !== undefined);
    // To the second: without the line the phone knows the server's time from an answer's date.
    expect((await arrived())!.at).toBeGreaterThanOrEqual(from - 2_000);
    expect((await arrived())!.at).toBeLessThanOrEqual(to + 2_000);
  });

  it('its driver signs out: nothing of the route stays on it', async () => {
    const { phone } = await underWay('driver1');
    await using _ = phone;
    const { page } = phone;
    await page.goto(`${app.url}/drive?view=more`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Password').waitFor();
    await until('nothing is kept', () =>
      page.evaluate(
        () =>
          new Promise<boolean>((resolve) => {
            const opening = indexedDB.open('opsboard-drive');
            opening.onsuccess = () => {
              const asked = opening.result.transaction('kept').objectStore('kept').getAllKeys();
              asked.onsuccess = () => {
                opening.result.close();
                resolve(asked.result.join() === 'clock');
              };
            };
          }),
      ),
    );
  });
});
