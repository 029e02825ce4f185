/** A camera that runs, or why there is none, in words that help. */
export type Opened = { ok: true; camera: Camera } | { ok: false; why: Trouble };
/** What is wrong and what to do about it. */
export type Trouble = { title: string; text: string };

/** A running camera. */
export type Camera = {
  stream: MediaStream;
  /** Which of {@link listCameras} it is. */
  device: string | undefined;
  /** Whether it has a light. */
  torch: boolean;
  light(on: boolean): Promise<void>;
  /** Called when it stops by itself: unplugged, or taken away. */
  onGone(listener: () => void): void;
  /** Lets go of the camera: its lamp goes out. */
  close(): void;
};

const remembered = 'opsboard.scan.camera';
/** Enough to read a label at arm's length; more only takes longer to look through. */
const picture = { width: { ideal: 1280 }, height: { ideal: 720 } };

/**
 * Opens a camera: the one asked for, else the one used last, else the one that looks away from the person.
 */
export async function openCamera(device = read()): Promise<Opened> {
  if (!window.isSecureContext || !('mediaDevices' in navigator)) return { ok: false, why: insecure };
  try {
    const stream = await firstOf([
      ...(device ? [{ ...picture, deviceId: { exact: device } }] : []),
      { ...picture, facingMode: { ideal: 'environment' } },
      true,
    ]);
    const [track] = stream.getVideoTracks();
    if (!track) return { ok: false, why: none };
    const settings = track.getSettings();
    if (device && settings.deviceId === device) write(device);
    const abilities = (track.getCapabilities as typeof track.getCapabilities | undefined)?.call(track) as
      { torch?: boolean } | undefined;
    return {
      ok: true,
      camera: {
        stream,
        device: settings.deviceId,
        torch: abilities?.torch === true,
        light: (on) => track.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] }),
        onGone: (listener) => track.addEventListener('ended', listener),
        close: () => {
          for (const each of stream.getTracks()) each.stop();
        },
      },
    };
  } catch (problem) {
    return { ok: false, why: troubleOf(problem) };
  }
}

/** The cameras of this machine; their names are known once one of them has been allowed. */
export async function listCameras(): Promise<{ id: string; name: string }[]> {
  const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
  return devices
    .filter(({ kind, deviceId }) => kind === 'videoinput' && deviceId !== '')
    .map(({ deviceId, label }, i) => ({ id: deviceId, name: label || `Camera ${i + 1}` }));
}

async function firstOf(wishes: readonly (MediaTrackConstraints | true)[]): Promise<MediaStream> {
  let last: unknown;
  for (const video of wishes) {
    try {
      return await navigator.mediaDevices.getUserMedia({ video, audio: false });
    } catch (problem) {
      last = problem;
      // Only a wish that this machine cannot grant is worth another, plainer one.
      if (!['OverconstrainedError', 'NotFoundError'].includes(nameOf(problem))) break;
    }
  }
  throw last;
}

const nameOf = (problem: unknown): string => (problem instanceof Error ? problem.name : '');

const insecure: Trouble = {
  title: 'The camera needs a secure address',
  text: 'Browsers lend it only to pages that came over https. Open the board at its https address, or use a scanner, or type.',
};
const none: Trouble = {
  title: 'No camera was found',
  text: 'Connect one and try again. A scanner works as well, and parts can be typed or pasted.',
};

/** What a failed attempt means, by the name of its error. */
export function troubleOf(problem: unknown): Trouble {
  switch (nameOf(problem)) {
    case 'NotAllowedError':
    case 'SecurityError':
      return {
        title: 'The browser may not use the camera',
        text: 'Allow it with the sign left of the address, then try again. A scanner or typing needs no permission.',
      };
    case 'NotFoundError':
    case 'OverconstrainedError':
      return none;
    case 'NotReadableError':
    case 'AbortError':
      return {
        title: 'The camera is busy',
        text: 'Another program or page uses it. Close that one, then try again.',
      };
    default:
      return {
        title: 'The camera did not start',
        text: 'Try again, or choose another way: a scanner, typing, or a pasted list.',
      };
  }
}

function read(): string | undefined {
  try {
    return localStorage.getItem(remembered) ?? undefined;
  } catch {
    return undefined;
  }
}

function write(device: string): void {
  try {
    localStorage.setItem(remembered, device);
  } catch {
    // A browser that keeps nothing asks the operating system for its favourite again.
  }
}
