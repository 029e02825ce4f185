/** The look that a person chose on this device. Kept here only: the same person sits in a bright and a dark room. */
export type ThemeChoice = 'light' | 'dark' | 'system';

const KEY = 'opsboard.theme';

function stored(): ThemeChoice {
  try {
    const found = localStorage.getItem(KEY);
    return found === 'light' || found === 'dark' ? found : 'system';
  } catch {
    return 'system';
  }
}

class Theme {
  choice = $state<ThemeChoice>(stored());
  #wall = $state(false);
  #systemDark = $state(matchMedia('(prefers-color-scheme: dark)').matches);

  /** The theme on the page now. */
  get shown(): 'light' | 'dark' | 'wall' {
    if (this.#wall) return 'wall';
    if (this.choice === 'system') return this.#systemDark ? 'dark' : 'light';
    return this.choice;
  }

  choose(choice: ThemeChoice): void {
    this.choice = choice;
    try {
      if (choice === 'system') localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, choice);
    } catch {
      // Storage is denied: it holds until the page is closed.
    }
  }

  /** The wall has a theme of its own, whatever the person chose; returns the way back. */
  enterWall(): () => void {
    this.#wall = true;
    return () => {
      this.#wall = false;
    };
  }

  /** Follows the system's setting. Returns the stop. Called once, by the root layout. */
  start(): () => void {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const follow = (): void => {
      this.#systemDark = query.matches;
    };
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }
}

export const theme = new Theme();
