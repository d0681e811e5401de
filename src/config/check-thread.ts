import type { Worker } from 'node:worker_threads';
import type { ServerName } from '../model.ts';
import { problemOf } from './load.ts';
import { startConfigThread } from './run-config.ts';

/** It was loaded a moment ago, so what takes long now is the machine. */
const LOAD_MS = 30_000;
/** What each check may take, once the config is loaded. */
const ANSWER_MS = 10_000;
/** How long a thread that is not busy may take to say so. */
const SIGN_OF_LIFE_MS = 5_000;

const BUSY =
  'something in the config, maybe the check of another server, keeps its thread busy, so that no check can answer';

/** What a config is to find out about the credentials of one of its servers. */
export interface ConfigCheck {
  readonly server: ServerName;
  readonly env: Readonly<Record<string, string>>;
}

/** A call that is under way. Each of these may come once it is over, too. */
interface Call {
  /** The config is loaded, so that its own time begins. */
  begin(): void;
  resolve(answer: unknown): void;
  reject(reason: unknown): void;
}

/** A thread that loads a config, calls checks in it side by side, and ends with the last of them. */
export class CheckThread {
  readonly #thread: Worker;
  readonly #loading: NodeJS.Timeout;
  readonly #calls = new Map<number, Call>();
  #lastId = 0;
  #isLoaded = false;
  #isOver = false;

  constructor(file: string, publicEntry: string) {
    this.#thread = startConfigThread(file, publicEntry);
    const late = `the config was not loaded within ${LOAD_MS / 1000} s, so it was not called`;
    this.#loading = setTimeout(() => this.#fail(late), LOAD_MS);
    this.#thread.on('message', (message) => this.#hear(message));
    let end = 'ended its thread';
    this.#thread.on('error', (error) => {
      end = `failed: ${problemOf(error)}`;
    });
    // It comes after an error, and after every message, which an error may overtake.
    this.#thread.on('exit', () => this.#fail(`${this.#culprit()} ${end}`));
  }

  /** It takes no more calls. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** What the check returns; rejects where it does, and where something else in the config takes it along. */
  call({ server, env }: ConfigCheck, signal: AbortSignal): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const settle = (then: () => void) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        this.#calls.delete(id);
        then();
        if (this.#calls.size === 0) this.#end();
      };
      const abort = () => settle(() => reject(signal.reason));
      const begin = () => {
        timer = setTimeout(() => {
          // A thread that can say this itself is not busy, so nobody else has to suffer.
          this.#thread.postMessage({ id, problem: `it did not answer within ${ANSWER_MS / 1000} s` });
          timer = setTimeout(() => this.#fail(BUSY), SIGN_OF_LIFE_MS);
        }, ANSWER_MS);
      };
      signal.addEventListener('abort', abort);
      this.#calls.set(id, {
        begin,
        resolve: (answer) => settle(() => resolve(answer)),
        reject: (reason) => settle(() => reject(reason)),
      });
      this.#thread.postMessage({ id, server, env });
      if (this.#isLoaded) begin();
    });
  }

  /** The config can post here as well, so nothing is sure of a message. */
  #hear(message: unknown): void {
    const { config, id, problem, answer } = Object(message);
    if (config !== undefined && !this.#isLoaded) {
      this.#isLoaded = true;
      clearTimeout(this.#loading);
      for (const call of this.#calls.values()) call.begin();
    }
    if (problem === undefined) this.#calls.get(id)?.resolve(answer);
    else this.#calls.get(id)?.reject(new Error(String(problem)));
  }

  /** What goes wrong with a thread that serves several cannot be laid at one's door. */
  #culprit(): string {
    return this.#isLoaded
      ? 'something in the config, maybe the check of another server,'
      : 'loading the config again';
  }

  #fail(problem: string): void {
    this.#end();
    for (const call of this.#calls.values()) call.reject(new Error(problem));
  }

  #end(): void {
    this.#isOver = true;
    clearTimeout(this.#loading);
    void this.#thread.terminate();
  }
}
