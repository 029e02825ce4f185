import { columnsFrom, columnsText, usualColumns, type ColumnName } from './columns.ts';

const KEY = 'opsboard.columns';

function read(): readonly ColumnName[] {
  try {
    return columnsFrom(localStorage.getItem(KEY)) ?? usualColumns;
  } catch {
    // Storage may be forbidden; then nothing is remembered.
    return usualColumns;
  }
}

/** The columns that this person chose on this device. An address that names columns goes before. */
class Remembered {
  columns = $state.raw(read());

  keep(columns: readonly ColumnName[]): void {
    this.columns = columns;
    try {
      if (columnsText(columns) === columnsText(usualColumns)) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, columnsText(columns));
    } catch {
      // See above.
    }
  }
}

export const remembered = new Remembered();
