import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PersonHere, PresenceNews } from '@opsboard/shared/presence/schema';

type Following = { news(news: PresenceNews): void; opened(): void };

const { line, session, rights } = vi.hoisted(() => ({
  line: { presence: undefined as Following | undefined, state: 'live', whereabouts: vi.fn(() => true) },
  session: { me: { id: 'me' } },
  rights: { share: true },
}));
vi.mock('#lib/app.ts', () => ({ app: { line, session } }));
vi.mock('#lib/session/may.ts', () => ({ may: () => rights.share }));

const { presence } = await import('./presence.svelte.ts');

const batch = '01a1fc04-0050-7b57-85d8-0c1f1400180d';
const board = { page: 'board' } as const;
const somebody = (person: string, more: Partial<PersonHere> = {}): PersonHere => ({
  person,
  colour: 2,
  at: [board],
  ...more,
});

let stop: () => void;
const page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
const look = (state: 'visible' | 'hidden'): void => {
  page.visibilityState = state;
  page.dispatchEvent(new Event('visibilitychange'));
};
/** What was said since the last time this was asked. */
const said = (): unknown[] => {
  const words = line.whereabouts.mock.calls.map((call) => (call as unknown[])[0]);
  line.whereabouts.mockClear();
  return words;
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
  vi.stubGlobal('document', page);
  look('visible');
  line.whereabouts.mockReset().mockReturnValue(true);
  rights.share = true;
  stop = presence.start();
});
afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('[P1] what a tab says', () => {
  it('its place at once, a quick change after it in one word, and the same again every five seconds', () => {
    presence.be(board);
    presence.inHand(batch);
    presence.inHand(undefined);
    presence.inHand(batch);
    expect(said()).toEqual([{ place: board }]);
    vi.advanceTimersByTime(250);
    expect(said()).toEqual([{ place: board, moving: batch }]);
    vi.advanceTimersByTime(10_000);
    expect(said()).toEqual([
      { place: board, moving: batch },
      { place: board, moving: batch },
    ]);
  });

  it('nothing while it is on a page where nobody is looked for, and that it left one', () => {
    presence.be(null);
    vi.advanceTimersByTime(20_000);
    expect(said()).toEqual([]);
    presence.be(board);
    vi.advanceTimersByTime(1_000);
    presence.be(null);
    vi.advanceTimersByTime(20_000);
    expect(said()).toEqual([{ place: board }, { place: null }]);
  });

  it('that it is out of sight after a while, and where it is as soon as it is seen again', () => {
    presence.be(board);
    vi.advanceTimersByTime(1_000);
    said();
    look('hidden');
    vi.advanceTimersByTime(10_000);
    look('visible');
    look('hidden');
    vi.advanceTimersByTime(14_000);
    expect(said()).not.toContainEqual({ place: null });
    vi.advanceTimersByTime(60_000);
    expect(said()).toEqual([{ place: null }]);
    look('visible');
    expect(said()).toEqual([{ place: board }]);
  });

  it('everything again on a new line, and what it could not say before', () => {
    line.whereabouts.mockReturnValue(false);
    presence.be({ batch });
    vi.advanceTimersByTime(1_000);
    said();
    line.whereabouts.mockReturnValue(true);
    line.presence!.opened();
    expect(said()).toEqual([{ place: { batch } }]);
  });

  it('nothing, if the role is not shown to others', () => {
    rights.share = false;
    presence.be(board);
    vi.advanceTimersByTime(10_000);
    expect(said()).toEqual([]);
  });
});

describe('who else is here', () => {
  it('everybody but oneself; by batch, and by the card in hand', () => {
    const other = somebody('other', { at: [{ batch }], moving: batch });
    line.presence!.news({ all: true, here: [somebody('me', { at: [{ batch }], moving: 'mine' }), other] });
    expect(presence.others).toEqual([other]);
    expect(presence.at(batch)).toEqual([other]);
    expect(presence.mover(batch)).toEqual(other);
    expect(presence.mover('mine')).toBeUndefined();
    line.presence!.news({ here: [], gone: ['other'] });
    expect([presence.others, presence.at(batch), presence.mover(batch)]).toEqual([[], [], undefined]);
  });

  it('[P2] nobody on a new line, until the server tells', () => {
    line.presence!.news({ all: true, here: [somebody('other')] });
    line.presence!.opened();
    expect(presence.others).toEqual([]);
  });
});
