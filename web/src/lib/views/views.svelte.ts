import type { SavedView } from '@opsboard/shared/views/schema';
import { app } from '#lib/app.ts';
import { toasts } from '#lib/toasts/toasts.svelte.ts';
import { canonical } from './query.ts';

export type ViewPage = SavedView['page'];

/** The saved views of a page, by name. */
export function viewsOf(page: ViewPage): readonly SavedView[] {
  void app.version;
  return [...app.all('savedView').values()]
    .filter((view) => view.page === page)
    .toSorted((a, b) => a.name.localeCompare(b.name));
}

/** The saved view that an address shows. */
export function viewAt(page: ViewPage, query: string): SavedView | undefined {
  const wanted = canonical(query);
  return viewsOf(page).find((view) => canonical(view.query) === wanted);
}

class LastChosen {
  /** The view that was last shown on a page: what somebody changes from there may become its new state. */
  ids = $state.raw<{ readonly [P in ViewPage]?: string }>({});

  set(page: ViewPage, id: string | undefined): void {
    if (this.ids[page] === id) return;
    const { [page]: _, ...rest } = this.ids;
    this.ids = id === undefined ? rest : { ...rest, [page]: id };
  }
}

export const lastChosen = new LastChosen();

const cannot = (what: string, text: string): void => {
  toasts.show({ kind: 'refused', about: 'views', title: what, text });
};

/** @returns why it was refused, in the server's words */
export async function saveView(page: ViewPage, name: string, query: string): Promise<string | undefined> {
  const id = app.newId();
  const result = await app.send('savedView.create', { id, name, page, query: canonical(query) });
  if (!result.ok) return result.error.message;
  lastChosen.set(page, id);
  toasts.show({ kind: 'done', about: 'views', title: `“${name}” is saved`, text: 'Everybody at the desks sees it.' });
  return undefined;
}

/** @returns why it was refused, in the server's words */
export async function renameView(view: SavedView, name: string): Promise<string | undefined> {
  if (name === view.name) return undefined;
  const result = await app.send('savedView.edit', { id: view.id, rev: view.rev, name });
  return result.ok ? undefined : result.error.message;
}

export async function updateView(view: SavedView, query: string): Promise<void> {
  const result = await app.send('savedView.edit', { id: view.id, rev: view.rev, query: canonical(query) });
  if (!result.ok) return cannot(`“${view.name}” stays as it is`, result.error.message);
  toasts.show({
    kind: 'done',
    about: 'views',
    title: `“${view.name}” now shows this`,
    action: { label: 'Undo', run: () => void takeBack(result.commandId, view.name) },
  });
}

export async function removeView(view: SavedView): Promise<void> {
  const result = await app.send('savedView.archive', { id: view.id });
  if (!result.ok) return cannot(`“${view.name}” stays`, result.error.message);
  toasts.show({
    kind: 'done',
    about: 'views',
    title: `“${view.name}” is removed`,
    text: 'The batches are not touched by it.',
    action: { label: 'Undo', run: () => void takeBack(result.commandId, view.name) },
  });
}

async function takeBack(commandId: string, name: string): Promise<void> {
  const result = await app.send('undo', { commandId });
  if (result.ok) toasts.show({ kind: 'info', about: 'views', title: `“${name}” is as it was` });
  else cannot(`“${name}” could not be taken back`, result.error.message);
}
