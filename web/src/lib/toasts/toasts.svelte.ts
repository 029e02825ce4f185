import { announcer } from '../announce/announce.svelte.ts';
import { clock } from '../time/clock.svelte.ts';

/** One thing that a toast offers to do; `until` when it is offered, by the server's clock: the toast counts down to it. */
export type ToastAction = { label: string; run: () => void; until?: number };

/** A toast as it is asked for. */
export type ToastRequest = {
  /** Chooses the icon, and whether it waits: refusals stay until somebody dismisses them. */
  kind: 'refused' | 'done' | 'working' | 'info';
  /** What happened, in bold. */
  title: string;
  /** Why, and what to do next. */
  text?: string;
  /** What it is about: a newer message about the same thing takes the place of the older one. */
  about?: string;
  /** A remark beside the action. */
  hint?: string;
  action?: ToastAction;
  /** A page or a document to go on with, in a tab of its own: what is under way here stays. */
  link?: { label: string; href: string };
  /** Called when it goes, whatever the reason. */
  onGone?: () => void;
};

export type Toast = ToastRequest & { id: number };

/** How long what needs no answer stays, and what offers something. */
const SHOWN_MS = 6_000;
const ACTION_MS = 12_000;
/** More than this at once would cover the work: the oldest goes. */
const MOST = 3;

/** How long a toast goes on being shown, milliseconds. */
function shownFor({ action }: ToastRequest): number {
  if (!action) return SHOWN_MS;
  return action.until === undefined ? ACTION_MS : Math.max(1_000, action.until - clock.exact());
}

class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #next = 1;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  /** Shows a toast and says it; returns its id. */
  show(request: ToastRequest): number {
    const toast: Toast = { ...request, id: this.#next++ };
    if (request.about !== undefined) {
      for (const old of this.list) if (old.about === request.about) this.dismiss(old.id);
    }
    const over = [...this.list, toast];
    for (const old of over.slice(0, Math.max(0, over.length - MOST))) this.dismiss(old.id);
    this.list = [...this.list, toast];
    announcer.say(
      [toast.title, toast.text].filter(Boolean).join('. '),
      toast.kind === 'refused' ? 'assertive' : 'polite',
    );
    if (toast.kind === 'done' || toast.kind === 'info') this.resume(toast.id);
    return toast.id;
  }

  dismiss(id: number): void {
    const gone = this.list.find((toast) => toast.id === id);
    if (!gone) return;
    this.pause(id);
    this.list = this.list.filter((toast) => toast.id !== id);
    gone.onGone?.();
  }

  /** A toast under the pointer or with the focus in it does not run away. */
  pause(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  resume(id: number): void {
    const toast = this.list.find((other) => other.id === id);
    if (!toast || toast.kind === 'refused' || toast.kind === 'working') return;
    this.pause(id);
    this.#timers.set(
      id,
      setTimeout(() => this.dismiss(id), shownFor(toast)),
    );
  }
}

export const toasts = new Toasts();
