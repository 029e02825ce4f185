import { untrack } from 'svelte';
import { version } from '$app/env';
import { deciders } from '@opsboard/shared/protocol/deciders';
import { app } from '#lib/app.ts';
import { useRules } from '#lib/store/overlay.ts';
import { forgetState, keepState, keptState } from './kept/state.ts';
import { phonePosition } from './position.svelte.ts';
import { queue } from './queue.svelte.ts';
import { release } from './release.svelte.ts';
import { phoneTime } from './time.svelte.ts';

/** The state is kept no more often than this, milliseconds; at once when the page goes out of sight. */
const pace = 2_000;

let started: Promise<void> | undefined;

/**
 * Starts the phone: shows what was kept of the last person at once, whether there is network or not, and then asks the
 * server. Only the first call does anything.
 */
export default function start(): Promise<void> {
  started ??= begin();
  return started;
}

async function begin(): Promise<void> {
  installable();
  void release.start();
  // They decide what waits on top of what was kept, before any answer of the server.
  useRules(deciders);
  queue.start();
  await phoneTime.start();
  const known = app.session.state !== 'unknown';
  const kept = known ? undefined : await keptState(version);
  if (kept) {
    await queue.open(kept.me.id);
    app.restore(kept.me, kept.live, kept.at);
    await queue.open(kept.me.id);
  }
  $effect.root(follow);
  phonePosition.start();
  if (!known) await app.session.check();
}

/** Only these pages are an app of their own on a phone. */
function installable(): void {
  const links = { manifest: '/manifest.webmanifest', 'apple-touch-icon': '/app/apple-touch-icon.png' };
  for (const [rel, href] of Object.entries(links))
    document.head.append(Object.assign(document.createElement('link'), { rel, href }));
}

function follow(): void {
  let before = app.session.me?.id;
  $effect(() => {
    const { state } = app.session;
    const me = app.session.me?.id;
    // Who signs out leaves nothing of their work on the phone, but what they did and nobody has got yet.
    if (state === 'signed_out' && before !== undefined) void forgetState(before).catch(() => undefined);
    if (state !== 'unknown') before = me;
    untrack(() => void queue.open(me));
  });

  // The server speaks again: what waits goes now. Who was only remembered is asked for by name.
  $effect(() => {
    if (app.line.state !== 'live') return;
    untrack(() => {
      phoneTime.measure();
      queue.sendNow();
      release.look();
      if (app.session.failure) void app.session.check();
    });
  });

  let timer: ReturnType<typeof setTimeout> | undefined;
  const keep = async (): Promise<void> => {
    timer = undefined;
    const { live, session, line } = app;
    if (!live || !session.me || line.state !== 'live') return;
    phoneTime.measure();
    const { seq } = live;
    await keepState(session.me, line.heardAt, live, version).catch(() => undefined);
    await queue.arrived(seq);
  };
  $effect(() => {
    void app.version;
    void app.line.heardAt;
    timer ??= setTimeout(() => void keep(), pace);
  });
  document.addEventListener('visibilitychange', () => document.hidden && void keep());
}
