import {
  draggable,
  dropTargetForElements,
  monitorForElements,
} from '@atlaskit/pragmatic-drag-and-drop/adapter/element-adapter';
import { setCustomNativeDragPreview } from '@atlaskit/pragmatic-drag-and-drop/utils/set-custom-native-drag-preview';
import { pointerOutsideOfPreview } from '@atlaskit/pragmatic-drag-and-drop/utils/pointer-outside-of-preview';
import type { Attachment } from 'svelte/attachments';

/** One row of a list whose order can be dragged. `list` tells lists of one page apart. */
type Row = { readonly list: string; readonly id: string };

/** Makes a row draggable by a handle in it, and a place to drop others on. */
export const orderRow =
  (row: Row, label: () => string, enabled: () => boolean): Attachment<HTMLElement> =>
  (element) => {
    const handle = element.querySelector('[data-handle]');
    const ends = [
      dropTargetForElements({
        element,
        canDrop: ({ source }) => source.data['list'] === row.list,
        getData: () => row,
        getDropEffect: () => 'move',
      }),
      ...(handle
        ? [
            draggable({
              element,
              dragHandle: handle,
              canDrag: enabled,
              getInitialData: () => row,
              onGenerateDragPreview: ({ nativeSetDragImage }) =>
                setCustomNativeDragPreview({
                  nativeSetDragImage,
                  getOffset: pointerOutsideOfPreview({ x: '12px', y: '8px' }),
                  render: ({ container }) => {
                    const picture = document.createElement('div');
                    picture.className = 'stop-in-hand';
                    picture.textContent = label();
                    container.append(picture);
                  },
                }),
            }),
          ]
        : []),
    ];
    return () => ends.forEach((end) => end());
  };

/** What is heard of a drag. `gap`: before which place of the list it would land, 0 to its length. */
export type OrderDrags = {
  start(id: string): void;
  over(gap: { id: string; after: boolean } | undefined): void;
  drop(id: string): void;
};

type Location = {
  readonly dropTargets: readonly { readonly element: Element; readonly data: Record<string | symbol, unknown> }[];
  readonly input: { readonly clientY: number };
};

/** Follows the drags of one list; returns the stop. */
export function followOrder(list: string, on: OrderDrags): () => void {
  const over = ({ dropTargets, input }: Location): void => {
    const [target] = dropTargets;
    if (!target) return on.over(undefined);
    const { top, height } = target.element.getBoundingClientRect();
    on.over({ id: target.data['id'] as string, after: input.clientY > top + height / 2 });
  };
  return monitorForElements({
    canMonitor: ({ source }) => source.data['list'] === list,
    onDragStart: ({ source }) => on.start(source.data['id'] as string),
    onDrag: ({ location }) => over(location.current),
    onDropTargetChange: ({ location }) => over(location.current),
    onDrop: ({ source, location }) => {
      over(location.current);
      on.drop(source.data['id'] as string);
    },
  });
}
