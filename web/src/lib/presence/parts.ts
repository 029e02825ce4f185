// What draws other people, in one piece: it is fetched when the first of them is here.
export { default as HeldBy } from './HeldBy.svelte';
export { default as HereNow } from './HereNow.svelte';
export { default as LookedAt } from './LookedAt.svelte';
