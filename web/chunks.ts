import type { Rolldown } from 'vite';

/*
 * Which file a module travels in. Left alone, what any two pages share becomes a file: a hundred small ones, each of
 * which hands hundreds of names to the next and is packed by itself, and together they cost a tenth of the way to the
 * first board. So what that way needs is put into three, by who needs it; every other page keeps files of its own.
 */

type Group = Rolldown.CodeSplittingGroup;
/** Whether a file of the project is one from which a page is loaded. */
type Root = RegExp;
type Needed = (id: string, context: Rolldown.ChunkingContext) => boolean;

/** What each page brings along: Kit's own start, the frame of all pages, and what is shown when a page is not there. */
const everyPage: Root = /\/runtime\/client\/client-entry\.js|\/routes\/\+(layout\.(svelte|ts)|error\.svelte)/;
/** The frame of the pages at a desk, and the pages outside it: sign-in, wall, phone. */
const deskFrame: Root = /\/routes\/\(app\)\/\+layout\.(svelte|ts)/;
const outsideDesk: Root = /\/routes\/(?!\(app\)\/).*\+page\.svelte/;
const board: Root = /\/routes\/\(app\)\/operations\/board\/\+page\.svelte/;
/** The list of batches is the board in rows, and a batch's page is where a card leads: they load the board's file. */
const desksButBoards: Root = /\/routes\/\(app\)\/(?!operations\/(board|batches)\/).*\+page\.svelte/;

/** Whether a module is needed, not merely loaded at times, by one of the pages. */
function neededBy(root: Root): Needed {
  const known = new Map<string, boolean>();
  return (id, context) => {
    const before = known.get(id);
    if (before !== undefined) return before;
    const seen = new Set([id]);
    let found = false;
    // Grows while it is gone through: whoever imports what was reached is reached too.
    for (const reached of seen) {
      found = root.test(reached.replaceAll('\\', '/')) || known.get(reached) === true;
      if (found) break;
      for (const importer of context.getModuleInfo(reached)?.importers ?? []) seen.add(importer);
    }
    known.set(id, found);
    return found;
  };
}

const byEveryPage = neededBy(everyPage);
const byDeskFrame = neededBy(deskFrame);
const byPagesOutside = neededBy(outsideDesk);
const byBoard = neededBy(board);
const byOtherDesks = neededBy(desksButBoards);

const group = (name: string, priority: number, takes: Needed): Group => ({
  name: (id, context) => (takes(id, context) ? name : null),
  priority,
});

/** The first that takes a module has it, and what that module needs. */
export const chunkGroups: Group[] = [
  // What the page hands to Kit must be set before anything of Kit's reads it: these two travel ahead of the rest. In one
  // file with it, the page's version is unknown, and a page that fails reloads for ever.
  { name: 'ahead', test: /[\\/]runtime[\\/]client[\\/]payload\.js$|preload-helper/, priority: 4 },
  group('page', 3, (id, context) => {
    if (byEveryPage(id, context)) return true;
    return (byDeskFrame(id, context) || byBoard(id, context)) && byPagesOutside(id, context);
  }),
  group('desk', 2, (id, context) => byDeskFrame(id, context) || (byBoard(id, context) && byOtherDesks(id, context))),
  group('board', 1, byBoard),
];
