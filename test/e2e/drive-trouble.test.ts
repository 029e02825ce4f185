/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Route } from '@opsboard/shared/routes/schema';
import { app, browser, oneApp, world } from '../support/one-app.ts';
import type { Phone, TestRoute } from '../support/phone.ts';
import { driverUnderWay, inStep, loseSignal, notInStep, press, readRoute, replan, waiting } from '../support/phone.ts';
import { batchReference, openRoutePage, stopRow } from '../support/route-desk.ts';
import { until } from '../support/until.ts';
import { password } from '../support/world.ts';

oneApp();

const routeOf = (id: string): Promise<Route> => readRoute(world, id);
const underWay = (who: 'driver1' | 'driver2') => driverUnderWay(browser, app, world, who);

/** The first step of a route, done without network: it waits on the phone. */
async function arriveAway(phone: Phone): Promise<void> {
  await loseSignal(phone);
  await press(phone.page, 'I have arrived');
  await waiting(phone.page, 1);
}
/** The arrival at the first stop, as the server has it. */
const atNorth = async ({ id, stops }: TestRoute) => (await routeOf(id)).stops[stops.north.id]!.arrived;

async function signInOn(page: Page, who: 'driver1' | 'driver2'): Promise<void> {
  const form = page.locator('form', { has: page.getByLabel('Password') });
  await form.getByLabel('E-mail').fill(world.people[who].email);
  await form.getByLabel('Password').fill(password);
  await form.getByRole('button', { name: 'Sign in' }).click();
}

describe('what a phone without network comes back to', () => {
  it('its session has ended: it goes on showing the route, asks to sign in, and then sends what waits', async () => {
    const { route, phone, client } = await underWay('driver1');
    await using _ = phone;
    await arriveAway(phone);
    await client.delete('/api/session');
    await phone.page.close();
    const page = await phone.open();
    await waiting(page, 1);
    await phone.offline(false);
    await page.getByRole('dialog', { name: 'Sign in again' }).waitFor();
    await page.getByRole('heading', { level: 2, name: /North/ }).waitFor();
    expect(await atNorth(route)).toBeUndefined();
    await signInOn(page, 'driver1');
    await inStep(page);
    await until('it has come', async () => (await atNorth(route)) !== undefined);
  });

  it('somebody else signs in on it: sees nothing of what waits and sends nothing; then it goes as the one who did it', async () => {
    const { route, phone, client } = await underWay('driver1');
    await using _ = phone;
    await arriveAway(phone);
    await client.delete('/api/session');
    await phone.offline(false);
    const { page } = phone;
    await page.getByRole('dialog', { name: 'Sign in again' }).waitFor();
    await signInOn(page, 'driver2');
    await page.getByText(/1 action of somebody else/).waitFor();
    expect(await page.getByText(/actions? waits?\b/).count()).toBe(0);
    expect(await atNorth(route)).toBeUndefined();
    await page.context().clearCookies();
    await page.goto(`${app.url}/sign-in?to=/drive`);
    await signInOn(page, 'driver1');
    await until('it has come', async () => (await atNorth(route)) !== undefined);
    expect((await atNorth(route))!.by).toBe(world.people.driver1.id);
  });

  it('the desk has dropped the stop meanwhile: said on the phone until it is seen, and to the desk; the rest goes on', async () => {
    const { route, phone } = await underWay('driver1');
    await using _ = phone;
    const { north, south, center } = route.stops;
    await press(phone.page, 'I have arrived');
    await phone.page.getByRole('link', { name: 'Count instead' }).click();
    await phone.page.getByLabel('How many parts do you count?').fill('3');
    await press(phone.page, 'Pick up 3 parts');
    await press(phone.page, 'Depart');
    await inStep(phone.page);
    await until('it has departed', async () => (await routeOf(route.id)).stops[north.id]!.departed !== undefined);
    await loseSignal(phone);
    await press(phone.page, 'I have arrived');
    await waiting(phone.page, 1);
    await press(phone.page, 'Depart');
    await waiting(phone.page, 2);
    await press(phone.page, 'I have arrived');
    await waiting(phone.page, 3);
    await replan(world.admin, route.id, [center]);
    await phone.offline(false);
    await inStep(phone.page);
    await phone.page.getByRole('heading', { name: 'Not accepted' }).nth(1).waitFor();
    expect(await phone.page.getByRole('heading', { name: 'Not accepted' }).count()).toBe(2);
    const problems = () => routeOf(route.id).then(({ problems }) => Object.values(problems ?? {}));
    await until('the desk is told of both', async () => (await problems()).length === 2);
    for (const { reason, stop, text, by } of await problems()) {
      expect(reason).toBe('not_accepted');
      expect(stop).toBe(south.id);
      expect(by).toBe(world.people.driver1.id);
      expect(text).toMatch(/, done at \d\d:\d\d, was not accepted: /);
    }
    expect((await routeOf(route.id)).stops[center.id]!.arrived).toBeDefined();
    await phone.page.reload();
    // The first is gone before the second is pressed: else both presses may meet the same button.
    for (const left of [1, 0]) {
      await phone.page.getByRole('button', { name: 'I have seen it' }).first().click();
      await phone.page.getByRole('heading', { name: 'Not accepted' }).nth(left).waitFor({ state: 'detached' });
    }
  });

  it('the whole route went to somebody else meanwhile: nothing is lost, neither on the phone nor for the desk', async () => {
    const { route, phone } = await underWay('driver1');
    await using _ = phone;
    const { id, batch, stops } = route;
    await loseSignal(phone);
    await press(phone.page, 'I have arrived');
    await waiting(phone.page, 1);
    await phone.page.getByRole('link', { name: 'Count instead' }).click();
    await phone.page.getByLabel('How many parts do you count?').fill('3');
    await press(phone.page, 'Pick up 3 parts');
    await waiting(phone.page, 2);
    await press(phone.page, 'Depart');
    await waiting(phone.page, 3);

    const { plan } = await routeOf(id);
    await world.admin.mustCommand('route.assign', { id, plan, driver: world.people.driver2.id });
    // As it was done: with the phone closed and opened again in between.
    await phone.page.close();
    await phone.open();
    await waiting(phone.page, 3);
    await phone.offline(false);
    const refused = phone.page.getByRole('alert').filter({ hasText: 'Not accepted' });
    await refused.nth(2).waitFor();
    expect(await refused.count()).toBe(3);
    await phone.page.getByText('The desk sees this too').nth(2).waitFor();
    const words = ['Arrived at', 'Picked up B-', 'Departed from'];
    for (const [i, text] of words.entries()) expect(await refused.nth(i).innerText()).toContain(text);

    const told = () => routeOf(id).then(({ problems }) => Object.values(problems ?? {}));
    await until('the desk is told of all three', async () => (await told()).length === 3);
    for (const { by, reason } of await told()) expect([by, reason]).toEqual([world.people.driver1.id, 'not_accepted']);
    const now = await routeOf(id);
    expect(now.driver).toBe(world.people.driver2.id);
    expect(now.stops[stops.north.id]).not.toHaveProperty('arrived');
    const reference = await batchReference(world, batch);

    await using desk = await openRoutePage(browser, await world.as('ops'), id);
    const problems = stopRow(desk.page, stops.north.id).locator('.problem');
    await problems.nth(2).waitFor();
    const shown = (await problems.allInnerTexts()).join(' | ');
    expect(shown).toMatch(new RegExp(`Picked up ${reference}, 3 parts, done at \\d\\d:\\d\\d, was not accepted`));
    for (const text of [...words, world.people.driver1.name, 'given to somebody else']) expect(shown).toContain(text);
    // What was told stays on the phone until its driver has seen it.
    await phone.page.reload();
    await refused.nth(2).waitFor();
    for (const left of [2, 1, 0]) {
      await phone.page.getByRole('button', { name: 'I have seen it' }).first().click();
      await until(`${left} are left`, async () => (await refused.count()) === left);
    }
    expect(desk.complaints).toEqual([]);
  });

  it('it is open in two tabs: both show what was done, and it is sent once', async () => {
    const { route, phone } = await underWay('driver2');
    await using _ = phone;
    const first = phone.page;
    const second = await phone.open();
    await second.getByRole('heading', { level: 2, name: /North/ }).waitFor();
    await loseSignal(phone);
    await notInStep(first, 'Offline').waitFor();
    await press(second, 'I have arrived');
    await waiting(second, 1);
    await waiting(first, 1);
    await phone.offline(false);
    await Promise.all([inStep(first), inStep(second)]);
    await until('it has come', async () => (await atNorth(route)) !== undefined);
    const { connection } = await app.backdoor();
    const arrivals = await connection
      .getClient()
      .db(connection.name)
      .collection('journal')
      .countDocuments({ org: world.org, verb: 'route.arrive', id: route.id });
    expect(arrivals).toBe(1);
    expect(await first.getByRole('heading', { name: 'Not accepted' }).count()).toBe(0);
  });
});
