import type { SlaStatus } from '@opsboard/shared/batches/sla';
import type { Colours } from '../colours.ts';
import type { MapPlace } from '../marks.ts';

/** How things are drawn on the canvas above the map. Everything is in CSS pixels, around the mark's own middle. */
export type Pen = {
  ctx: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;
  colours: Colours;
  font: string;
};

/** The radius of a driver's circle, of a cluster's, and half a place's side. */
export const driverSize = 16;
export const clusterSize = 19;
export const placeSize = 13;
export const customerSize = 7;

const icons = {
  branch: new Path2D('M6 22V4a2 2 0 0 1 2-2h8a2 2 0 0 1 2 2v18zM10 6h4M10 10h4M10 14h4'),
  center: new Path2D(
    'M14.7 6.3a1 1 0 0 0 0 1.4l1.6 1.6a1 1 0 0 0 1.4 0l3.106-3.105c.32-.322.863-.22.983.218a6 6 0 0 1-8.259 7.057l-7.91 7.91a1 1 0 0 1-2.999-3l7.91-7.91a6 6 0 0 1 7.057-8.259c.438.12.54.662.219.984z',
  ),
  tick: new Path2D('M20 6 9 17l-5-5'),
} as const;
const octagon = new Path2D('M2.6-6.2h-5.2L-6.2-2.6v5.2L-2.6 6.2h5.2L6.2 2.6v-5.2z');
const triangle = new Path2D('M0-8 8.5 6.5h-17z');
const cone = new Path2D('M0-26 8-13a15 15 0 0 0-16 0z');
const arrow = new Path2D('M0-9 6.5 7 0 4-6.5 7z');

export type DriverLook = {
  initials: string;
  heading: number | undefined;
  sla: SlaStatus;
  picked: boolean;
  quiet: boolean;
  /** As a number of batches in the place of initials. */
  square: boolean;
};

/** A driver: a circle with initials, a cone that says where they go, and what they carry at the corner. */
export function paintDriver({ ctx, colours, font }: Pen, look: DriverLook): void {
  const edge = look.quiet ? colours['text-3'] : look.picked ? colours.accent : colours.text;
  ctx.globalAlpha = look.quiet ? 0.7 : 1;
  if (look.heading !== undefined) {
    ctx.save();
    ctx.rotate((look.heading * Math.PI) / 180);
    ctx.fillStyle = edge;
    ctx.fill(cone);
    ctx.restore();
  }
  ctx.beginPath();
  if (look.square) ctx.roundRect(-15, -15, 30, 30, 7);
  else ctx.arc(0, 0, driverSize, 0, 2 * Math.PI);
  ctx.fillStyle = look.picked ? colours.accent : colours.surface;
  ctx.fill();
  ctx.lineWidth = 2;
  ctx.strokeStyle = look.square ? ofSla(colours, look.sla, edge) : look.picked ? colours['on-accent'] : edge;
  if (look.quiet) ctx.setLineDash([3, 3]);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.fillStyle = look.picked ? colours['on-accent'] : colours.text;
  ctx.font = `600 11px ${font}`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.fillText(look.initials, 0, 0.5);
  ctx.globalAlpha = 1;
  if (look.sla === 'on_track') return;
  ctx.save();
  ctx.translate(14, -13);
  paintSla({ ctx, colours, font }, look.sla);
  ctx.restore();
}

/** A driver among hundreds: an arrow in the colour of what they carry. */
export function paintArrow({ ctx, colours }: Pen, sla: SlaStatus, heading: number | undefined, picked: boolean): void {
  ctx.beginPath();
  ctx.fillStyle = picked ? colours.accent : ofSla(colours, sla, colours.text);
  ctx.strokeStyle = colours.surface;
  ctx.lineWidth = 1.5;
  ctx.lineJoin = 'round';
  if (heading === undefined) {
    ctx.arc(0, 0, 5, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
    return;
  }
  ctx.save();
  ctx.rotate((heading * Math.PI) / 180);
  ctx.stroke(arrow);
  ctx.fill(arrow);
  ctx.restore();
}

/** Octagon for breached, triangle for at risk: a shape, not only a colour. */
export function paintSla({ ctx, colours }: Pen, sla: SlaStatus): void {
  ctx.lineWidth = 1.5;
  ctx.lineJoin = 'round';
  ctx.lineCap = 'round';
  ctx.strokeStyle = colours['map-land'];
  const breached = sla === 'breached';
  ctx.save();
  if (breached) ctx.scale(1.3, 1.3);
  ctx.fillStyle = breached ? colours.breach : colours.risk;
  ctx.fill(breached ? octagon : triangle);
  ctx.stroke(breached ? octagon : triangle);
  ctx.restore();
  ctx.strokeStyle = breached ? colours['on-breach'] : colours['on-risk'];
  ctx.lineWidth = 2;
  ctx.beginPath();
  ctx.moveTo(0, breached ? -4 : -3);
  ctx.lineTo(0, breached ? 1 : 2);
  ctx.moveTo(0, 4.1);
  ctx.lineTo(0, 4.2);
  ctx.stroke();
}

/** Many marks as one, with how many. */
export function paintCluster(pen: Pen, count: number, sla: SlaStatus): void {
  const { ctx, colours, font } = pen;
  ctx.beginPath();
  ctx.arc(0, 0, clusterSize, 0, 2 * Math.PI);
  ctx.fillStyle = colours.surface;
  ctx.fill();
  ctx.lineWidth = 3;
  ctx.strokeStyle = colours.control;
  ctx.stroke();
  ctx.fillStyle = colours.text;
  ctx.font = `600 12px ${font}`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.fillText(count < 10_000 ? String(count) : `${Math.round(count / 1000)}k`, 0, 0.5);
  if (sla === 'on_track') return;
  ctx.save();
  ctx.translate(15, -14);
  paintSla(pen, sla);
  ctx.restore();
}

/** A branch, center, customer or stop. */
export function paintPlace(pen: Pen, place: MapPlace, picked: boolean): void {
  const { ctx, colours, font } = pen;
  const round = place.kind === 'stop' || place.kind === 'customer';
  const size = place.kind === 'customer' ? customerSize : place.kind === 'stop' ? 12 : placeSize;
  if (picked) {
    ctx.beginPath();
    if (round) ctx.arc(0, 0, size + 4, 0, 2 * Math.PI);
    else ctx.roundRect(-size - 4, -size - 4, 2 * size + 8, 2 * size + 8, 9);
    ctx.fillStyle = colours.accent;
    ctx.fill();
  }
  ctx.beginPath();
  if (round) ctx.arc(0, 0, size, 0, 2 * Math.PI);
  else ctx.roundRect(-size, -size, 2 * size, 2 * size, 6);
  ctx.fillStyle = place.kind === 'branch' || place.done ? colours.inverse : colours.surface;
  ctx.fill();
  ctx.lineWidth = place.kind === 'stop' || place.kind === 'customer' ? 2 : 1.5;
  ctx.strokeStyle =
    place.kind === 'branch' ? colours.surface : place.kind === 'center' ? colours['line-strong'] : colours.control;
  ctx.stroke();
  const ink = place.kind === 'branch' || place.done ? colours['on-inverse'] : colours.text;
  if (place.kind === 'branch' || place.kind === 'center' || place.done) {
    ctx.save();
    ctx.translate(-8.5, -8.5);
    ctx.scale(0.7, 0.7);
    ctx.strokeStyle = ink;
    ctx.lineWidth = place.done ? 3 : 2;
    ctx.lineCap = 'round';
    ctx.lineJoin = 'round';
    ctx.stroke(place.done ? icons.tick : icons[place.kind as 'branch' | 'center']);
    ctx.restore();
  } else if (place.order !== undefined) {
    ctx.fillStyle = ink;
    ctx.font = `600 12px ${font}`;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    ctx.fillText(String(place.order), 0, 0.5);
  }
  if (place.sla === undefined || place.sla === 'on_track') return;
  ctx.save();
  ctx.translate(size, -size);
  ctx.scale(0.85, 0.85);
  paintSla(pen, place.sla);
  ctx.restore();
}

/** Words with a halo, so that streets do not run through them; `top` is their upper edge. */
export function paintWords({ ctx, colours, font }: Pen, words: string, top: number, weak = false): void {
  ctx.font = weak ? `400 11px ${font}` : `600 12px ${font}`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'top';
  ctx.lineJoin = 'round';
  ctx.lineWidth = 3;
  ctx.strokeStyle = colours['map-land'];
  ctx.strokeText(words, 0, top);
  ctx.fillStyle = weak ? colours['text-2'] : colours.text;
  ctx.fillText(words, 0, top);
}

/** Words in a box: how late somebody is, or for how long they are quiet. `middle` is where the box's middle is. */
export function paintTag({ ctx, colours, font }: Pen, words: string, middle: number, sla: SlaStatus): void {
  ctx.font = `600 12px ${font}`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  const half = ctx.measureText(words).width / 2 + 7;
  ctx.beginPath();
  ctx.roundRect(-half, middle - 10, 2 * half, 20, 4);
  ctx.fillStyle = colours.surface;
  ctx.fill();
  ctx.lineWidth = 1;
  const breached = sla === 'breached';
  ctx.strokeStyle = breached
    ? colours['breach-line']
    : sla === 'at_risk'
      ? colours['risk-line']
      : colours['line-strong'];
  ctx.stroke();
  ctx.fillStyle = breached ? colours['breach-text'] : sla === 'at_risk' ? colours['risk-text'] : colours.text;
  ctx.fillText(words, 0, middle + 0.5);
}

const ofSla = (colours: Colours, sla: SlaStatus, otherwise: string): string =>
  sla === 'breached' ? colours.breach : sla === 'at_risk' ? colours.risk : otherwise;
