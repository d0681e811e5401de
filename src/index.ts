/** What a config file imports; it must cost nothing to load. */
export type {
  ConfigInput,
  PlainServerInput,
  SentryOptionsInput,
  SentryServerInput,
} from './config/define.ts';
export { defineConfig, sentry } from './config/define.ts';
