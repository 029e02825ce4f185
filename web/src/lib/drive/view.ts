/** What the driver's screen shows, as its address says: a reload, or the phone's way back, finds it again. */
export type View =
  | { readonly name: 'route' }
  /** One batch at a stop: counted, proved and picked up or handed over. */
  | { readonly name: 'handle'; readonly stop: string; readonly batch: string; readonly counting: boolean }
  /** A stop that is not the next one. */
  | { readonly name: 'stop'; readonly route: string; readonly stop: string }
  | { readonly name: 'problem'; readonly stop?: string }
  | { readonly name: 'skip'; readonly stop: string }
  | { readonly name: 'more' }
  | { readonly name: 'waiting' }
  /** The other routes, or one of them. */
  | { readonly name: 'routes'; readonly route?: string };

/** The address of a view. */
export function addressOf(view: View): string {
  if (view.name === 'route') return '/drive';
  const asked = new URLSearchParams();
  for (const [key, value] of Object.entries(view)) {
    if (value === true) asked.set(key === 'counting' ? 'count' : key, '1');
    else if (typeof value === 'string') asked.set(key === 'name' ? 'view' : key, value);
  }
  return `/drive?${asked.toString()}`;
}

/** The view at an address; the route where it names none. */
export function viewAt(asked: Pick<URLSearchParams, 'get'>): View {
  const [stop, batch, route] = ['stop', 'batch', 'route'].map((name) => asked.get(name) ?? undefined);
  const name = asked.get('view');
  switch (name) {
    case 'handle':
      return stop !== undefined && batch !== undefined
        ? { name, stop, batch, counting: asked.get('count') === '1' }
        : { name: 'route' };
    case 'stop':
      return stop !== undefined && route !== undefined ? { name, stop, route } : { name: 'route' };
    case 'skip':
      return stop !== undefined ? { name, stop } : { name: 'route' };
    case 'problem':
      return { name, ...(stop === undefined ? {} : { stop }) };
    case 'routes':
      return { name, ...(route === undefined ? {} : { route }) };
    case 'more':
    case 'waiting':
      return { name };
    default:
      return { name: 'route' };
  }
}
