export { compileUpdate, docFromFilter, type Update, type UpdateOptions, type UpdateResult } from './update.ts';
export { diffDocs, type UpdateDescription } from './description.ts';
export { show, showDoc } from './show.ts';
