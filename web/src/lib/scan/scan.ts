import { isSecret, remember, takesText } from './field.ts';
import { parseScan, type Scanned } from './parse.ts';
import { longestGap, Wedge } from './wedge.ts';

/** Gets what a scanner read. */
export type ScanHandler = (scanned: Scanned) => void;

/** A key that waits until it is known whose it is. */
type HeldKey = { event: KeyboardEvent; target: EventTarget };

/**
 * Scans from a keyboard-wedge scanner, wherever the focus is. What the scanner types stays nowhere: fields get back what
 * was in them, shortcuts and buttons do not hear of it. Keys outside of fields wait up to 50 ms for what follows them.
 */
class Scanning {
  #handlers: ScanHandler[] = [];
  #fallback: ScanHandler | undefined;
  #wedge = new Wedge();
  /** The fields that the burst under way has touched, and how each gets back what was in it. */
  #touched = new Map<Element, (typed: string) => void>();
  #held: HeldKey[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #replaying = false;
  #listening = false;

  /** Takes scans until the returned stop is called. The handler that came last gets them; those below wait. */
  onScan(handler: ScanHandler): () => void {
    this.#handlers = [...this.#handlers, handler];
    this.#listen();
    return () => {
      this.#handlers = this.#handlers.filter((other) => other !== handler);
      this.#listen();
    };
  }

  /** Gets what nobody else takes. */
  get fallback(): ScanHandler | undefined {
    return this.#fallback;
  }
  set fallback(handler: ScanHandler | undefined) {
    this.#fallback = handler;
    this.#listen();
  }

  #listen(): void {
    const wanted = this.#handlers.length > 0 || this.#fallback !== undefined;
    if (wanted === this.#listening) return;
    this.#listening = wanted;
    // Before everything else on the page, or a shortcut would have been obeyed already.
    if (wanted) window.addEventListener('keydown', this.#onKey, { capture: true });
    else {
      window.removeEventListener('keydown', this.#onKey, { capture: true });
      this.#over();
    }
  }

  #onKey = (event: KeyboardEvent): void => {
    if (this.#replaying) return;
    const target = event.composedPath()[0];
    const field = target instanceof Element && takesText(target) ? target : undefined;
    // A blank in a field is a person's, or a program's that types for one; on a button it would press it.
    const personal = event.key === ' ' && (field !== undefined || this.#wedge.length < 3);
    if ((field && isSecret(field)) || personal) {
      this.#wedge.pass(event.timeStamp);
      return this.#over();
    }
    const verdict = this.#wedge.read({
      key: event.key,
      code: event.code,
      at: event.timeStamp,
      shift: event.shiftKey,
      repeat: event.repeat,
      composing: event.isComposing || event.key === 'Process',
      command: (event.ctrlKey || event.altKey || event.metaKey) && !event.getModifierState('AltGraph'),
    });
    if (verdict.is === 'silent') return;
    if (verdict.is === 'person') return this.#over();
    if (verdict.is === 'scan') {
      silence(event);
      this.#held = [];
      clearTimeout(this.#timer);
      for (const back of this.#touched.values()) back(verdict.text);
      this.#touched.clear();
      (this.#handlers.at(-1) ?? this.#fallback)?.(parseScan(verdict.text, verdict.plain));
      return;
    }
    if (verdict.place === 1) {
      this.#release();
      this.#touched.clear();
    }
    if (field) {
      // The character is not in the field yet: now is the time to remember what was.
      if (!this.#touched.has(field)) this.#touched.set(field, remember(field));
      return;
    }
    if (!target) return;
    silence(event);
    this.#held.push({ event, target });
    this.#wait();
  };

  #wait(): void {
    clearTimeout(this.#timer);
    const due = performance.now() + longestGap;
    this.#timer = setTimeout(() => {
      // On a busy page the next key may be in the queue behind this timer: it gets one more turn.
      if (performance.now() - due > 20) this.#timer = setTimeout(() => this.#release());
      else this.#release();
    }, longestGap);
  }

  /** What was held back was typed by a person: it happens now, in its order. */
  #release(): void {
    clearTimeout(this.#timer);
    const held = this.#held;
    this.#held = [];
    this.#replaying = true;
    try {
      for (const { event, target } of held) replay(event, target);
    } finally {
      this.#replaying = false;
    }
  }

  #over(): void {
    this.#touched.clear();
    this.#release();
  }
}

function silence(event: Event): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}

function replay(event: KeyboardEvent, target: EventTarget): void {
  const there = target instanceof Node && target.isConnected ? target : document.body;
  const again = new KeyboardEvent('keydown', {
    key: event.key,
    code: event.code,
    location: event.location,
    shiftKey: event.shiftKey,
    ctrlKey: event.ctrlKey,
    altKey: event.altKey,
    metaKey: event.metaKey,
    bubbles: true,
    cancelable: true,
    composed: true,
  });
  // The key before this one may have put the focus into a field: then this one was meant for it.
  const { activeElement } = document;
  if (activeElement && activeElement !== there && takesText(activeElement)) {
    document.execCommand('insertText', false, event.key);
    return;
  }
  there.dispatchEvent(again);
}

/** The scanner of this page. */
export const scan = new Scanning();
