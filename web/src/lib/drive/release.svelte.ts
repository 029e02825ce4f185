import { queue } from './queue.svelte.ts';

/** Nobody has begun anything so soon after opening the page, milliseconds. */
const justOpened = 10_000;
/** A phone in a pocket: nobody is in the middle of anything, not even of taking a picture. Milliseconds. */
const putAway = 120_000;

/**
 * Keeps the phone's files on the phone, and takes a newer release of them: by itself where the driver loses nothing by it
 * (nothing waits to be sent, and the page was just opened or has long been out of sight), otherwise when asked to.
 */
class Release {
  #waiting = $state.raw<ServiceWorker | undefined>(undefined);
  #touched = false;
  #registration: ServiceWorkerRegistration | undefined;

  /** Whether a newer release lies ready on the phone. */
  get newer(): boolean {
    return this.#waiting !== undefined;
  }

  /** Registers the worker that keeps the files. Called once. */
  async start(): Promise<void> {
    // Absent where the page came over plain http from another machine.
    if (!('serviceWorker' in navigator)) return;
    const { serviceWorker } = navigator;
    // Not the first one: that takes over a page of its own release.
    let mine = serviceWorker.controller !== null;
    serviceWorker.addEventListener('controllerchange', () => {
      if (mine) location.reload();
      mine = true;
    });
    for (const name of ['pointerdown', 'keydown']) addEventListener(name, () => (this.#touched = true), { once: true });
    document.addEventListener('visibilitychange', () => this.#whenPutAway());
    const registration = await serviceWorker
      .register('/service-worker.js', { scope: '/drive', updateViaCache: 'none' })
      .catch(() => undefined);
    if (!registration) return;
    this.#registration = registration;
    this.#watch(registration);
    registration.addEventListener('updatefound', () => {
      const coming = registration.installing;
      coming?.addEventListener('statechange', () => this.#watch(registration));
    });
  }

  /** Looks for a newer release: the server has just come back, and may be another one. */
  look(): void {
    void this.#registration?.update().catch(() => undefined);
  }

  /** Takes the newer release: the page is loaded anew. What waits is kept. */
  take(): void {
    this.#waiting?.postMessage('take');
  }

  #watch({ waiting, active }: ServiceWorkerRegistration): void {
    this.#waiting = active && waiting ? waiting : undefined;
    if (performance.now() < justOpened && !this.#touched) this.#takeQuietly();
  }

  #whenPutAway(): void {
    if (!document.hidden) return;
    const away = setTimeout(() => this.#takeQuietly(), putAway);
    document.addEventListener('visibilitychange', () => clearTimeout(away), { once: true });
  }

  #takeQuietly(): void {
    // An address with something after the path is a view in which something is being filled in.
    if (queue.waiting.length === 0 && location.search === '') this.take();
  }
}

export const release = new Release();
