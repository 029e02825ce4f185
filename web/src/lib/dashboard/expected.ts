/**
 * How many rows the banner had when this browser last saw it: the page keeps that place free while it loads, so that
 * what is below does not jump when the batches are there.
 */
const KEY = 'opsboard.breach-rows';

export const expected = {
  last(): { rows: number; more: boolean } {
    try {
      const [rows, more] = (localStorage.getItem(KEY) ?? '').split('/');
      const count = Number(rows);
      return Number.isInteger(count) && count > 0 && count <= 10 ? { rows: count, more: more === 'more' } : none;
    } catch {
      return none;
    }
  },
  remember(rows: number, more: boolean): void {
    try {
      localStorage.setItem(KEY, `${rows}/${more ? 'more' : ''}`);
    } catch {
      // A browser that stores nothing jumps a little.
    }
  },
};

const none = { rows: 0, more: false };
