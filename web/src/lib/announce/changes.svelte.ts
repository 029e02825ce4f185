import { app } from '#lib/app.ts';
import { storyContext } from '#lib/batches/live.svelte.ts';
import type { Story } from '#lib/batches/story.ts';
import { announcer } from './announce.svelte.ts';

/**
 * Says what others change and what becomes of the line, for those who listen. Returns the stop. Called once, by the
 * root layout.
 */
export function sayChanges(): () => void {
  return app.onChange((change) => {
    const { cause } = change;
    // One's own changes are said where they are made.
    if (change.kind !== 'batch' || change.mine || !cause) return;
    // A driver hears what is changed of their route, on its own page.
    if (app.session.me?.role === 'driver') return;
    const told = {
      actor: cause.by,
      verb: cause.verb,
      kind: change.kind,
      id: change.id,
      ...(cause.why ? { why: cause.why } : {}),
    };
    // The words come with the first change: a board needs none of them to stand.
    void import('#lib/batches/story.ts').then(({ storyOf }) => say(storyOf(told, storyContext())));
  });
}

function say(story: Story): void {
  if (story.breached) announcer.say(`${story.what} is breached: its expected return date passed.`);
  else announcer.gather(`${story.who} ${story.did} ${story.what} ${story.rest}`.trim() + '.');
}

/** Says when the line is cut and when it is back. Called once, by the root layout, while it is set up. */
export function sayLine(): void {
  let was = app.line.state;
  $effect(() => {
    const is = app.line.state;
    const driver = app.session.me?.role === 'driver';
    if (is === 'stale' && was === 'live') {
      if (driver) announcer.say('Offline. Go on as usual: what you do is kept on this phone.');
      else announcer.say('The line is cut. What is shown stands still; moves wait.', 'assertive');
    }
    if (is === 'live' && was === 'stale') announcer.say('The line is back. Everything shown is up to date.');
    was = is;
  });
}
