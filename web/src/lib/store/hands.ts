/** How long the page takes to answer a hand, milliseconds: three drawings. */
const answer = 50;
let acted = -Infinity;

for (const name of ['keydown', 'pointerdown', 'pointerup', 'dragstart', 'drop'])
  addEventListener(name, () => (acted = performance.now()), { capture: true, passive: true });

/** Whether the person at this page has just pressed a key, a button or let something go. */
export const acting = (): boolean => performance.now() - acted < answer;
