import { basename } from 'node:path';
import { parseNpx } from '../servers/npx.ts';
import { type Diagnosis, nameText, ok, problem } from './finding.ts';
import { findCommand } from './server-programs.ts';
import type { WantedLaunch } from './wanted.ts';

/** Whether each server's program can be started, and whether it could be started faster. */
export function judgeCommands(launches: readonly WantedLaunch[]): Diagnosis[] {
  return launches.flatMap((wanted) => [judgeCommand(wanted), ...judgeNpx(wanted)]);
}

function judgeCommand({ name, launch }: WantedLaunch): Diagnosis {
  const id = `command.found:${name}`;
  // Only what it is called: a folder may be given by a variable.
  const command = nameText(basename(launch.command));
  switch (findCommand(launch)) {
    case 'ok':
      return ok(id, `${name}: the command ${command} is there`);
    case 'no-folder':
      return problem('error', id, {
        title: `${name}: the folder that it is to run in is not there`,
        hint: `Make it, or correct servers.${name}.cwd.`,
      });
    case 'not-executable':
      return problem('error', id, {
        title: `${name}: the command ${command} is not executable`,
        hint: 'chmod +x it, or name its interpreter as `command`.',
      });
    case 'not-found':
      return problem('error', id, {
        title: `${name}: the command ${command} was not found`,
        detail: /[/\\]/.test(launch.command) ? '' : 'It is in no folder of PATH.',
        hint: `Install it, or correct servers.${name}.command.`,
      });
  }
}

/** npx of what the project has installed is started without npx, so this is one that it has not. */
function judgeNpx({ name, launch: { command, args } }: WantedLaunch): Diagnosis[] {
  const call = basename(command) === 'npx' ? parseNpx(args) : null;
  if (call === null) return [];
  const { packageName, spec } = call;
  const wanted = spec === undefined || spec === 'latest' ? packageName : `${packageName}@${spec}`;
  const advice =
    spec === 'latest'
      ? ` Then take @latest out of its args: npx asks the registry for it at each start.`
      : '';
  return [
    problem('warning', `command.npx:${name}`, {
      title: `${name}: npx fetches ${packageName} when it is not in its cache`,
      detail: 'An installed package starts faster, without the network, in the version of the lock file.',
      hint: `npm i -D ${wanted}${advice}`,
    }),
  ];
}
