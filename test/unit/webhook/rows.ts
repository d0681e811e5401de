import type { Warning } from '../../../src/model.ts';
import { warningRow } from '../cli/render/statuses.ts';

/** A row whose id and code are its name. */
export function row(name: string, given: Partial<Warning> = {}): Warning {
  return warningRow({ id: name, code: name, message: `${name} is wrong.`, hint: 'Mend it.', ...given });
}
