import { type Diagnosis, ok, problem } from './finding.ts';
import type { ConfigReading } from './wanted.ts';

/** Whether the config loads; else everything that is wrong with it. */
export function judgeConfig(reading: ConfigReading): Diagnosis {
  const id = 'config.loads';
  if (reading.kind === 'loaded') {
    const names = Object.keys(reading.config.servers);
    return ok(
      id,
      `The config loads: ${names.length === 1 ? '1 server' : `${names.length} servers`}`,
      names.join(', '),
    );
  }
  const { message, hint } = reading.problem;
  return problem('error', id, { title: 'The config cannot be used', detail: message, hint });
}
