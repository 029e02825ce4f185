import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { app, browser, oneApp, world } from '../support/one-app.ts';
import { accessibilityFindings, cardOf, columnOf, inReach, live, openPage } from '../support/page.ts';

oneApp({ webs: 2 });
beforeAll(async () => {
  await Promise.all(
    (['ops', 'team', 'manager', 'southTeam'] as const).map(async (who) => {
      const { id } = world.people[who];
      await (await world.as(who)).mustCommand('person.editProfile', { id, rev: 1, name: names[who] });
    }),
  );
});

const names = { ops: 'Noor Haddad', team: 'Kai Lund', manager: 'Ines Calder', southTeam: 'Ravi Rao' };
/** The button with the avatars at the top of a page. */
const faces = (page: Page) => page.locator('header.top').getByRole('button', { name: /(is|are) here\. Show where$/ });

describe('who is here, in browsers on two processes', () => {
  it('everybody on the pages of operations, with where they are; gone when they leave', async () => {
    const batch = await world.batch();
    const { body } = await world.admin.get<{ batch: { reference: string } }>(`/api/batches/${batch}`);
    await using one = await openPage(browser, await world.as('ops', app.webs[0]!.url), '/operations');
    await live(one.page);
    expect(await faces(one.page).count()).toBe(0);

    await using other = await openPage(
      browser,
      await world.as('team', app.webs[1]!.url),
      `/operations/batches/${batch}`,
    );
    await using third = await openPage(browser, await world.as('manager', app.webs[0]!.url), '/operations/board');
    await one.page.locator('header.top .here .av').nth(1).waitFor();
    // By keyboard alone: to the avatars, open, to the batch that one looks at.
    await faces(one.page).focus();
    await one.page.keyboard.press('Enter');
    const list = one.page.getByRole('dialog', { name: 'Who is here' });
    await list.getByText(names.team).waitFor();
    await list.getByRole('link', { name: 'Board' }).waitFor();
    expect(await accessibilityFindings(one.page)).toEqual([]);
    await one.page.keyboard.press('Escape');
    await list.waitFor({ state: 'detached' });
    await one.page.keyboard.press('Enter');
    await list.getByRole('link', { name: body.batch.reference }).focus();
    await one.page.keyboard.press('Enter');
    await one.page.waitForURL(`**/operations/batches/${batch}`);
    await one.page.getByText('Kai is here', { exact: true }).waitFor();
    // The other one is told as well, and the third one sees both on the card.
    await other.page.getByText('Noor is here', { exact: true }).waitFor();
    await cardOf(third.page, batch)
      .getByText(/are here$/)
      .waitFor({ state: 'attached' });

    await other.page.context().close();
    await faces(one.page).waitFor({ state: 'detached' });
    expect([...one.complaints, ...third.complaints]).toEqual([]);
  });

  it('a card that another has in hand says so, by mouse and by keyboard', async () => {
    const batch = await world.batch({ driver: world.people.driver1.id });
    await world.admin.mustCommand('batch.seal', { id: batch, count: 1 });
    await using mover = await openPage(browser, await world.as('ops', app.webs[0]!.url), '/operations/board');
    await using watcher = await openPage(browser, await world.as('team', app.webs[1]!.url), '/operations/board');
    await using reader = await openPage(
      browser,
      await world.as('admin', app.webs[1]!.url),
      `/operations/batches/${batch}`,
    );
    await Promise.all([live(mover.page), live(watcher.page), live(reader.page)]);
    const said = 'Noor is moving this';
    const onCard = cardOf(watcher.page, batch).getByText(said);

    const { page } = mover;
    await cardOf(page, batch).focus();
    await page.keyboard.press('m');
    await onCard.waitFor();
    await reader.page.locator('header.top .words').getByText(said).waitFor();
    const before = await cardOf(watcher.page, batch).boundingBox();
    expect(await accessibilityFindings(watcher.page)).toEqual([]);
    // One's own hand is shown as one's own.
    expect(await cardOf(page, batch).getByText('is moving this').count()).toBe(0);
    await page.keyboard.press('Escape');
    await onCard.waitFor({ state: 'detached' });
    expect(await cardOf(watcher.page, batch).boundingBox()).toEqual(before);

    await inReach(cardOf(page, batch));
    const from = (await cardOf(page, batch).boundingBox())!;
    const to = (await columnOf(page, 'in_transit_to_center').boundingBox())!;
    await page.mouse.move(from.x + 40, from.y + 30);
    await page.mouse.down();
    await page.mouse.move(from.x + 80, from.y + 60, { steps: 4 });
    await page.mouse.move(to.x + 60, to.y + 160, { steps: 4 });
    await onCard.waitFor();
    await page.mouse.up();
    await onCard.waitFor({ state: 'detached' });
    await columnOf(watcher.page, 'in_transit_to_center').locator(`[data-card="${batch}"]`).waitFor();
    expect([...mover.complaints, ...watcher.complaints, ...reader.complaints]).toEqual([]);
  });

  it('a person limited to a branch is not told of a batch that they do not see', async () => {
    const batch = await world.batch();
    await using south = await openPage(browser, await world.as('southTeam', app.webs[0]!.url), '/operations/board');
    await using ops = await openPage(browser, await world.as('ops', app.webs[1]!.url), `/operations/batches/${batch}`);
    await live(ops.page);
    await faces(south.page).click();
    const list = south.page.getByRole('dialog', { name: 'Who is here' });
    await list.getByText(names.ops).waitFor();
    await list.getByRole('link', { name: 'Batches' }).first().waitFor();
    expect(await south.page.content()).not.toContain(batch);
  });
});
