import {
  draggable,
  dropTargetForElements,
  monitorForElements,
} from '@atlaskit/pragmatic-drag-and-drop/adapter/element-adapter';
import { preserveOffsetOnSource } from '@atlaskit/pragmatic-drag-and-drop/utils/preserve-offset-on-source';
import { setCustomNativeDragPreview } from '@atlaskit/pragmatic-drag-and-drop/utils/set-custom-native-drag-preview';
import type { Drags, Target } from './drag.ts';

/** What `drag.ts` does, once the library is here. Each returns its end. */
export function card(element: HTMLElement, id: string, enabled: () => boolean): () => void {
  return draggable({
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

export function column(element: HTMLElement, target: Target): () => void {
  return dropTargetForElements({ element, getData: () => target, getDropEffect: () => 'move' });
}

export function followDrags(on: Drags): () => void {
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
