/** What was read of a file: its text, or why it is none, in a sentence. */
export type Decoded = { ok: true; text: string } | { ok: false; message: string };

/**
 * The text of a file as spreadsheets save it: UTF-8 with or without a mark, UTF-16 ("Unicode text"), or the code page of
 * Western Windows, which is what an older Excel means by "CSV". A workbook is told from text.
 */
export function decodeFile(bytes: Uint8Array): Decoded {
  const [a, b] = bytes;
  if (a === 0x50 && b === 0x4b) {
    return {
      ok: false,
      message:
        'This is a workbook, not CSV. In the spreadsheet choose “Save as”, then “CSV UTF-8”, and take that file.',
    };
  }
  if (a === 0xff && b === 0xfe) return { ok: true, text: new TextDecoder('utf-16le').decode(bytes) };
  if (a === 0xfe && b === 0xff) return { ok: true, text: new TextDecoder('utf-16be').decode(bytes) };
  // Text of two bytes a sign without a mark: every other byte of what is mostly Latin is zero.
  if (bytes.length > 3 && bytes[1] === 0 && bytes[3] === 0)
    return { ok: true, text: new TextDecoder('utf-16le').decode(bytes) };
  if (bytes.includes(0)) {
    return { ok: false, message: 'This file is not text. Save the sheet as CSV and take that file.' };
  }
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { ok: true, text: new TextDecoder('windows-1252').decode(bytes) };
  }
}
