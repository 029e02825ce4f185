import type { Plugin } from 'vite';

/*
 * What the libraries carry for uses that this product does not have, left out of the pages: a phone on a bad line waits
 * for every byte of the way to the first board. Each plugin names its reason; what is left out fails at once, by name.
 */

/**
 * The line goes over WebSocket alone. The library's other transports are bound to it firmly, and one asks the browser
 * what it can while it is loaded: both ties are cut, and all three fall away.
 */
const webSocketOnly: Plugin = {
  name: 'websocket-only',
  load: (id) =>
    /engine\.io-client\/build\/esm\/transports\/index\.js$/.test(id)
      ? "import { WS } from './websocket.js'; export const transports = { websocket: WS };"
      : undefined,
  transform: (code, id) =>
    /engine\.io-client\/build\/esm\/transports\/polling-xhr\.js$/.test(id)
      ? { code, map: null, moduleSideEffects: false }
      : undefined,
};

/**
 * Kit writes what a server of its own would send, and what goes along with an entry of the history, in a format for any
 * value there is. No server renders these pages and no entry of ours carries anything, so JSON does.
 */
const plainHistory: Plugin = {
  name: 'plain-history',
  applyToEnvironment: (environment) => environment.name === 'client',
  enforce: 'pre',
  resolveId: (id) => (id === 'devalue' ? '\0plain-history' : undefined),
  load: (id) =>
    id === '\0plain-history'
      ? `export const stringify = (value) => JSON.stringify(value);
         export const parse = (text) => JSON.parse(text);
         export const unflatten = () => { throw new Error('No server renders these pages.'); };
         export const stringifyAsync = unflatten, uneval = unflatten;`
      : undefined,
};

/**
 * Nor is there ever markup of a server to take over: what Svelte does for that, in each of its blocks, can never run.
 * It asks one variable everywhere; as a constant it takes the rest along.
 */
const nothingToTakeOver: Plugin = {
  name: 'nothing-to-take-over',
  applyToEnvironment: (environment) => environment.name === 'client',
  load: (id) =>
    /svelte\/src\/internal\/client\/dom\/hydration\.js$/.test(id)
      ? `export const hydrating = false;
         export const hydrate_node = undefined;
         const never = () => { throw new Error('No server renders these pages.'); };
         export const set_hydrating = (value) => { if (value) never(); };
         export const set_hydrate_node = () => {};
         export const hydrate_next = never, skip_nodes = never, read_hydration_instruction = never;
         export const reset = () => {}, hydrate_template = () => {}, next = () => {};`
      : undefined,
};

type Shape = readonly [tag: string, attributes: Readonly<Record<string, string | number>>];

/**
 * An icon is drawn from a list of shapes while the page runs, element by element, by a component that knows every wish
 * there could be. Ours are all drawn alike, so each becomes the picture that it is: less to load, and one copy of a
 * template instead of five elements on each of ten thousand cards.
 */
const drawnIcons: Plugin = {
  name: 'drawn-icons',
  enforce: 'pre',
  load: {
    filter: { id: /@lucide\/svelte\/dist\/icons\/[a-z0-9-]+\.svelte$/ },
    async handler(id) {
      const source = await this.fs.readFile(id, { encoding: 'utf8' });
      const data = /const iconData = (\{.*\});/.exec(source);
      if (!data) throw new Error(`${id} is not written as its library wrote them: see drawn-icons.`);
      const { node } = JSON.parse(data[1]!) as { node: Shape[] };
      const shapes = node.map(([tag, attributes]) => {
        const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`);
        return `<${tag}${written.join('')} />`;
      });
      return `<script>
  let { class: name, 'aria-hidden': hidden } = $props();
</script>
<svg class={name} aria-hidden={hidden} viewBox="0 0 24 24" width="24" height="24" fill="none"
  stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${shapes.join('')}</svg>`;
    },
  },
};

/** For the pages' build, in this order. */
export const leanBuild: Plugin[] = [webSocketOnly, plainHistory, nothingToTakeOver, drawnIcons];
