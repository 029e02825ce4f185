import { productName } from '@opsboard/shared/organization/settings';
import { app } from '#lib/app.ts';
import { live } from '#lib/batches/live.svelte.ts';
import { theme } from '#lib/theme/theme.svelte.ts';

/** What the open page is called; set by its head. */
class PageTitle {
  words = $state('');
}

export const pageTitle = new PageTitle();

/** The icon of the tab: the mark, and on it the count of breaches when there are any. */
function iconFor(count: number): string {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  const mark = `<rect width="32" height="32" rx="8" fill="${token('--inverse')}"/><path d="M7.5 8v16M13.2 8v10M18.8 8v6M24.5 8v13" fill="none" stroke="${token('--on-inverse')}" stroke-width="3" stroke-linecap="round"/>`;
  const text = count > 99 ? '99+' : String(count);
  const badge =
    count === 0
      ? ''
      : `<rect x="6" y="12" width="26" height="20" rx="7" fill="${token('--breach-fill')}" stroke="${token('--canvas')}" stroke-width="2"/><text x="19" y="28" font-family="Arial,sans-serif" font-size="${text.length > 2 ? 12 : 16}" font-weight="700" text-anchor="middle" fill="${token('--on-breach-fill')}">${text}</text>`;
  return `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${mark}${badge}</svg>`)}`;
}

/** Keeps the title and the icon of the tab in step with the count of breaches. Called once, by the root layout. */
export function followBreaches(): void {
  const count = $derived(live.breached.length);
  const product = $derived((void app.namesVersion, productName(app.organization)));
  $effect(() => {
    document.title = `${count > 0 ? `(${count}) ` : ''}${pageTitle.words ? `${pageTitle.words} · ` : ''}${product}`;
  });
  $effect(() => {
    // The icon is drawn with the tokens of the theme on the page.
    void theme.shown;
    document.querySelector<HTMLLinkElement>('#icon')?.setAttribute('href', iconFor(count));
  });
}
