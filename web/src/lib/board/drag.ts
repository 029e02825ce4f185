import {
  draggable,
  dropTargetForElements,
  monitorForElements,
} from '@atlaskit/pragmatic-drag-and-drop/adapter/element-adapter';
import { preserveOffsetOnSource } from '@atlaskit/pragmatic-drag-and-drop/utils/preserve-offset-on-source';
import { setCustomNativeDragPreview } from '@atlaskit/pragmatic-drag-and-drop/utils/set-custom-native-drag-preview';
import type { Status } from '@opsboard/shared/batches/steps';
import type { Attachment } from 'svelte/attachments';

/** Makes an element a card that can be dragged. */
export function card(id: string, enabled: () => boolean): Attachment<HTMLElement> {
  return (element) =>
    draggable({
      element,
      canDrag: enabled,
      getInitialData: () => ({ batch: id }),
      onGenerateDragPreview: ({ nativeSetDragImage, location, source }) => {
        setCustomNativeDragPreview({
          nativeSetDragImage,
          getOffset: preserveOffsetOnSource({ element, input: location.current.input }),
          render: ({ container }) => {
            const box = source.element.getBoundingClientRect();
            const picture = source.element.cloneNode(true) as HTMLElement;
            // Room around the picture: the browser cuts off what the turn and the shadow need.
            container.style.padding = '12px 24px 48px 12px';
            picture.classList.add('in-hand');
            Object.assign(picture.style, {
              width: `${box.width}px`,
              height: `${box.height}px`,
              transform: 'rotate(2deg)',
            });
            container.append(picture);
          },
        });
      },
    });
}

/** Where a card can be dropped: a column, and where the board has lanes, the cell of one. */
export type Target = { readonly status: Status; readonly lane: string | undefined };

/** Makes an element a place that cards are dropped on. */
export function column(status: Status, lane?: string): Attachment<HTMLElement> {
  return (element) =>
    dropTargetForElements({ element, getData: () => ({ status, lane }), getDropEffect: () => 'move' });
}

/** Follows every drag of a card. */
export function followDrags(on: {
  start(batch: string): void;
  over(target: Target | undefined): void;
  /** `target` undefined: let go beside the columns. `point` is where, in the window. */
  drop(batch: string, target: Target | undefined, point: { x: number; y: number }): void;
}): () => void {
  const targetOf = (targets: readonly { data: Record<string | symbol, unknown> }[]): Target | undefined =>
    targets[0] && (targets[0].data as Target);
  return monitorForElements({
    canMonitor: ({ source }) => typeof source.data['batch'] === 'string',
    onDragStart: ({ source }) => on.start(source.data['batch'] as string),
    onDropTargetChange: ({ location }) => on.over(targetOf(location.current.dropTargets)),
    onDrop: ({ source, location }) =>
      on.drop(source.data['batch'] as string, targetOf(location.current.dropTargets), {
        x: location.current.input.clientX,
        y: location.current.input.clientY,
      }),
  });
}
