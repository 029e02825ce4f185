import type { ResponseStep } from '@opsboard/shared/batches/response';
import CalendarClock from '@lucide/svelte/icons/calendar-clock';
import NotebookPen from '@lucide/svelte/icons/notebook-pen';
import Phone from '@lucide/svelte/icons/phone';
import Send from '@lucide/svelte/icons/send';

/** The shape that stands for a step beside its word. */
export const stepIcons: { readonly [S in ResponseStep]: typeof Phone } = {
  call: Phone,
  date: CalendarClock,
  notify: Send,
  log: NotebookPen,
};
