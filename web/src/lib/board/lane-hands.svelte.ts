import type { BatchInView } from '@opsboard/shared/batches/schema';
import { statusWords, type Status, type StepTarget } from '@opsboard/shared/batches/steps';
import { untrack } from 'svelte';
import { announcer } from '#lib/announce/announce.svelte.ts';
import { app } from '#lib/app.ts';
import { driverOf, nameOf } from '#lib/batches/live.svelte.ts';
import { maySteps, moveTo, sendStep } from '#lib/batches/moves.ts';
import type { BoardState } from './board.svelte.ts';
import { followDrags } from './drag.ts';
import { give, mayGive } from './give.ts';
import { dropInLane, type LaneDrop } from './lane-drop.ts';
import type { LaneField } from './looks.ts';
import { besides } from './places.ts';
import type { watchBoard } from './watch.svelte.ts';

/** What hands on a board with lanes need to know of it. */
type LaneBoard = {
  board: BoardState;
  field: () => LaneField;
  /** The lanes in their order. */
  lanes: () => readonly string[];
  ownLane: (batch: BatchInView) => string;
  nameOfLane: (lane: string) => string;
  flying: ReturnType<typeof watchBoard>;
  /** Brings a lane into sight. */
  show: (lane: string) => void;
};

/** What happens to a card that is carried over lanes, by pointer or by keys. Called while the board is set up. */
export function laneHands({ board, field, lanes, ownLane, nameOfLane, flying, show }: LaneBoard) {
  /** What letting go of a batch over a status and a lane would do. */
  function dropAt(batch: BatchInView, to: Status, lane: string | undefined): LaneDrop {
    const own = ownLane(batch);
    return dropInLane(batch, to, lane ?? own, {
      field: field(),
      own,
      laneName: nameOfLane,
      driver: driverOf(batch),
      center: nameOf('center', batch.center),
    });
  }
  function allowed(batch: BatchInView, drop: LaneDrop): boolean {
    if (app.line.state !== 'live') return false;
    return drop.kind === 'assign' ? mayGive(batch) : drop.kind === 'step' && maySteps(batch);
  }
  /** How a cell looks under the card in hand; undefined: as ever. */
  function verdictAt(status: Status, lane: string): 'target' | 'refuse' | undefined {
    const { hand } = board;
    if (!hand || hand.over !== status || (hand.lane ?? ownLane(hand.batch)) !== lane) return undefined;
    const drop = dropAt(hand.batch, status, lane);
    if (drop.kind === 'here') return undefined;
    return allowed(hand.batch, drop) ? 'target' : 'refuse';
  }

  function put(batch: BatchInView, to: Status, lane: string | undefined): void {
    const marks = {
      refused: () => board.markRefused(batch.id, true),
      gone: () => board.markRefused(batch.id, false),
    };
    const drop = dropAt(batch, to, lane);
    if (drop.kind === 'assign') void give(batch, drop.driver, marks);
    else if (drop.kind === 'step' && 'driver' in drop && allowed(batch, drop)) {
      void sendStep(batch, to as StepTarget, { driver: drop.driver }, marks.gone).then((ok) => {
        if (!ok) marks.refused();
      });
    } else if (to === batch.status || (drop.kind === 'refused' && lane !== undefined && lane !== ownLane(batch))) {
      // The head of the column has said why; the card goes back.
      announcer.say(`${batch.reference} stays. ${drop.text}.`, 'assertive');
    } else moveTo(batch, to, marks);
  }

  function sayDrop(): void {
    const now = board.hand;
    if (!now?.over) return;
    const drop = dropAt(now.batch, now.over, now.lane);
    const lane = now.lane === undefined || now.lane === ownLane(now.batch) ? '' : `, ${nameOfLane(now.lane)}`;
    announcer.say(
      `${statusWords[now.over].word}${lane}. ${drop.kind === 'refused' ? `Not possible: ${drop.text}.` : `${drop.text}.`}`,
      'assertive',
    );
  }

  function pickUp(batch: BatchInView): void {
    if (!maySteps(batch)) {
      announcer.say(
        batch.status === 'completed' ? 'Completed is the last step.' : 'Your role changes nothing on the board.',
        'assertive',
      );
      return;
    }
    board.hand = { batch, over: batch.status, lane: ownLane(batch), by: 'keys' };
    announcer.say(
      `${batch.reference} picked up from ${statusWords[batch.status].word}. Left and right choose the column, ${field() === 'driver' ? 'up and down the driver, ' : ''}Enter puts it down, Escape leaves it.`,
      'assertive',
    );
  }

  /** A key while a card is in hand. */
  function inHand(event: KeyboardEvent, key: string): void {
    const now = board.hand;
    if (!now) return;
    if (key === 'ArrowLeft' || key === 'ArrowRight') {
      const to = besides(now.over ?? now.batch.status, key === 'ArrowLeft' ? -1 : 1);
      if (to) {
        board.hand = { ...now, over: to };
        sayDrop();
      }
    } else if (key === 'ArrowUp' || key === 'ArrowDown') {
      const lane = lanes()[lanes().indexOf(now.lane ?? ownLane(now.batch)) + (key === 'ArrowUp' ? -1 : 1)];
      if (field() !== 'driver') announcer.say(dropAt(now.batch, now.batch.status, 'elsewhere').text, 'assertive');
      else if (lane !== undefined) {
        board.hand = { ...now, lane };
        show(lane);
        sayDrop();
      }
    } else if (key === 'Enter' || key === ' ' || key === 'm') {
      board.hand = undefined;
      const batch = app.get('batch', now.batch.id);
      if (batch && now.over && (now.over !== batch.status || now.lane !== ownLane(batch)))
        put(batch, now.over, now.lane);
      else announcer.say(`${now.batch.reference} stays.`);
    } else if (key === 'Escape' || key === 'Tab') {
      board.hand = undefined;
      announcer.say(`${now.batch.reference} stays in ${statusWords[now.batch.status].word}.`);
      if (key === 'Tab') return;
    }
    event.preventDefault();
  }

  $effect(() =>
    followDrags({
      start: (id) => {
        const batch = app.get('batch', id);
        if (batch) board.hand = { batch, over: batch.status, lane: ownLane(batch), by: 'pointer' };
      },
      over: (target) => {
        if (board.hand?.by === 'pointer') board.hand = { ...board.hand, over: target?.status, lane: target?.lane };
      },
      drop: (id, target, point) => {
        const batch = app.get('batch', id);
        board.hand = undefined;
        if (!batch || !target || (target.status === batch.status && target.lane === ownLane(batch))) return;
        flying.letGo(id, point);
        put(batch, target.status, target.lane);
        const now = app.get('batch', id);
        if (now?.status === batch.status && now.driver === batch.driver) flying.back(id);
      },
    }),
  );

  // A card in a hand whose batch somebody else moves is no longer the card that was picked up.
  $effect(() => {
    void app.version;
    const now = board.hand;
    if (now?.by === 'keys' && app.get('batch', now.batch.id)?.status !== now.batch.status) {
      untrack(() => {
        board.hand = undefined;
        announcer.say(`${now.batch.reference} was moved by somebody else.`, 'assertive');
      });
    }
  });

  return { dropAt, allowed, verdictAt, pickUp, inHand };
}
