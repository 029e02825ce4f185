export { app, type Activity, type ShownChange } from '#lib/store/app.svelte.ts';
