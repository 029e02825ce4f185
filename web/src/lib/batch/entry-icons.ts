import Archive from '@lucide/svelte/icons/archive';
import Mail from '@lucide/svelte/icons/mail';
import MessageSquareText from '@lucide/svelte/icons/message-square-text';
import OctagonAlert from '@lucide/svelte/icons/octagon-alert';
import PackagePlus from '@lucide/svelte/icons/package-plus';
import PackageMinus from '@lucide/svelte/icons/package-minus';
import Pencil from '@lucide/svelte/icons/pencil';
import Phone from '@lucide/svelte/icons/phone';
import Undo from '@lucide/svelte/icons/undo';
import { actIcons } from '#lib/acts/icons.ts';
import { statusIcons } from '#lib/batches/icons.ts';
import type { Story } from '#lib/batches/story.ts';

const verbIcons: { readonly [verb: string]: typeof Pencil } = {
  undo: Undo,
  'batch.archive': Archive,
  'batch.addParts': PackagePlus,
  'batch.removeParts': PackageMinus,
  'batch.moveDueDate': actIcons.dueDate,
  'batch.assignDriver': actIcons.driver,
  'batch.handOver': actIcons.handOver,
  'batch.takeBack': actIcons.takeBack,
  'batch.cancel': actIcons.cancel,
  'batch.reopen': actIcons.reopen,
  'batch.correctPart': actIcons.correctPart,
  'batch.settleParts': actIcons.settle,
  'batch.restoreParts': actIcons.found,
  'batch.split': actIcons.split,
  'batch.logCall': Phone,
  'batch.notifyCustomer': Mail,
  'batch.addNote': MessageSquareText,
};

/** The shape that stands beside a line of the timeline. */
export const iconOf = (story: Story): typeof Pencil =>
  story.breached
    ? OctagonAlert
    : story.status
      ? statusIcons[story.status]
      : (Object.hasOwn(verbIcons, story.verb) && verbIcons[story.verb]) || Pencil;
