// Which tabs live. Each holds a lock of its name; where the page does not come over TLS there are no locks, and they ask each other.

/** A tab that is loaded anew takes its steps itself. */
const RELOAD_MS = 3000;
/** How long a tab may take to say that it lives. */
const ANSWER_MS = 2000;

/** The tabs as one of them sees them, until it leaves. */
export interface Tabs {
  /** Of several tabs that wait for another one comes first, where there are locks; else they may come at once. */
  whenClosed(name: string, then: () => void): Promise<void>;
  leave(): void;
}

/** Live under a name from now on. */
export function join(own: string): Tabs {
  return navigator.locks ? new Holding(own) : new Asking(own);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => window.setTimeout(resolve, ms));
}

class Holding implements Tabs {
  private readonly left = new AbortController();

  constructor(own: string) {
    void this.hold(own, () => new Promise<void>((resolve) => this.left.signal.addEventListener("abort", () => resolve())));
  }

  async whenClosed(name: string, then: () => void): Promise<void> {
    const lives = await navigator.locks.request(name, { ifAvailable: true }, (free) => (free ? then() : true));
    if (!lives) return;
    await this.hold(name, () => undefined);
    await pause(RELOAD_MS);
    await this.hold(name, then);
  }

  leave(): void {
    this.left.abort();
  }

  /** Wait for a lock and keep it until something is done, unless this tab leaves before. */
  private async hold(name: string, act: () => unknown): Promise<void> {
    const { signal } = this.left;
    try {
      if (!signal.aborted) await navigator.locks.request(name, { signal }, act);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

class Asking implements Tabs {
  private readonly channel = new BroadcastChannel("wg-tabs");
  private readonly living = new Set<string>();
  private left = false;

  constructor(own: string) {
    this.channel.onmessage = ({ data }: MessageEvent<{ asked?: string; lives?: string }>) => {
      if (data.asked === own) this.channel.postMessage({ lives: own });
      if (data.lives) this.living.add(data.lives);
    };
  }

  async whenClosed(name: string, then: () => void): Promise<void> {
    do {
      this.living.delete(name);
      this.channel.postMessage({ asked: name });
      await pause(ANSWER_MS);
      if (this.left) return;
    } while (this.living.has(name));
    then();
  }

  leave(): void {
    this.left = true;
    this.channel.close();
  }
}
