const key = 'opsboard.scan.muted';

/** The sound of a code that was read. Muted by hand, for good on this device. */
class Beep {
  muted = $state(stored());
  #context: AudioContext | undefined;

  mute(muted: boolean): void {
    this.muted = muted;
    try {
      if (muted) localStorage.setItem(key, '1');
      else localStorage.removeItem(key);
    } catch {
      // It holds for this page then.
    }
    if (!muted) this.sound();
  }

  /** A short high tone for what was taken, a low one for what was not; and a buzz in the hand either way. */
  sound(taken = true): void {
    // Only after a person has touched the page: browsers complain otherwise.
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(taken ? 40 : [60, 40, 60]);
    if (this.muted || typeof AudioContext === 'undefined' || !navigator.userActivation?.hasBeenActive) return;
    this.#context ??= new AudioContext();
    const { currentTime, destination } = this.#context;
    const tone = this.#context.createOscillator();
    const volume = this.#context.createGain();
    tone.frequency.value = taken ? 1_760 : 330;
    volume.gain.setValueAtTime(0.08, currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, currentTime + 0.12);
    tone.connect(volume).connect(destination);
    tone.start();
    tone.stop(currentTime + 0.13);
  }
}

function stored(): boolean {
  try {
    return localStorage.getItem(key) === '1';
  } catch {
    return false;
  }
}

export const beep = new Beep();
