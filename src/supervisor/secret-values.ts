import { NAMES_OF_PLACES } from '../servers/sentry/variables.ts';

/** A slug or a host, also with a scheme and a port. */
const PLACE = /^(?:https?:\/\/)?[A-Za-z0-9._-]+(?::\d{1,5})?\/?$/;
/** A token that was pasted into the wrong line. */
const HEX = /^[0-9a-f]{32,}$/i;

/**
 * The values of an env file that no output may show: all of them, but for what says where a Sentry is, since
 * hints link to it. A value that is more than a name, such as a password before an @, is a secret there, too.
 */
export function secretValues(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values)
    .filter(([name, value]) => !(NAMES_OF_PLACES.includes(name) && PLACE.test(value) && !HEX.test(value)))
    .map(([, value]) => value);
}
