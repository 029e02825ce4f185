/** Reasons that are given often, offered beside the field. */
export const reasons = {
  cancel: ['Entered twice', 'Customer withdrew it', 'Wrong customer', 'Parts were not ready'],
  takeBack: ['Wrong batch', 'Pressed by mistake', 'Turned back on the way', 'Center did not accept it'],
  reopen: ['Completed by mistake', 'A part is still missing', 'Came back faulty', 'Cancelled by mistake'],
  correctPart: ['Wrong label scanned', 'Two labels on one part', 'Label was replaced', 'Typing mistake'],
  lost: ['Not in the box', 'Lost by the center', 'Lost on the way', 'Stolen'],
  scrapped: ['Beyond repair', 'Repair costs too much', 'Damaged on the way', 'Customer agreed'],
  found: ['Found in the van', 'Found at the center', 'Found at the branch', 'Reported by mistake'],
  split: ['Waiting for a spare', 'Not ready in time', 'Did not fit in the van', 'Needs another look'],
  removeParts: ['Not in the box', 'Wrong scan', 'Follows later', 'Customer kept it'],
} as const satisfies { readonly [name: string]: readonly string[] };
