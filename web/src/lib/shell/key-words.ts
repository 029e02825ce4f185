import type { KeyName } from './keys.ts';

/** What each key does, in the groups in which the dialog shows them. Every name of the table must be here. */
export const keyWords: { readonly [N in KeyName]: { group: string; does: string } } = {
  find: { group: 'Anywhere', does: 'Find anything' },
  newBatch: { group: 'Anywhere', does: 'New batch' },
  filter: { group: 'Anywhere', does: 'Filter the board or the list' },
  export: { group: 'Anywhere', does: 'Export the list as it is filtered' },
  keys: { group: 'Anywhere', does: 'These keys' },
  close: { group: 'Anywhere', does: 'Close what is open' },
  boardMove: { group: 'On the board', does: 'Go from card to card' },
  boardEnds: { group: 'On the board', does: 'First and last card of a column; with lanes, first and last lane' },
  boardLeaps: { group: 'On the board', does: 'Five cards up or down; with lanes, one lane' },
  boardPick: { group: 'On the board', does: 'Pick the card up' },
  boardOpen: { group: 'On the board', does: 'Open the card' },
  handMove: { group: 'With a card in hand', does: 'Choose the column' },
  handLane: { group: 'With a card in hand', does: 'With lanes by driver: choose who takes it' },
  handPut: { group: 'With a card in hand', does: 'Put it down there' },
  handLeave: { group: 'With a card in hand', does: 'Leave it where it was' },
  listMove: { group: 'In the list', does: 'Go from row to row; with Shift, choose them on the way' },
  listOpen: { group: 'In the list', does: 'Open the batch' },
  listPick: { group: 'In the list', does: 'Choose the batch; with Shift, all up to it' },
  listAll: { group: 'In the list', does: 'Choose all that are in the list' },
  newMake: { group: 'In a new batch', does: 'Create it, from any field' },
  newPartOut: { group: 'In a new batch', does: 'Take the part out of the list' },
  findMove: { group: 'In find anything', does: 'Choose a result' },
  findOpen: { group: 'In find anything', does: 'Open it' },
  findTab: { group: 'In find anything', does: 'Open it in a new tab' },
};
