import type { ServerName, WarningDraft } from '../model.ts';

/** What the supervisor itself warns about, beside the findings of config, env files and log rules. */

export function reloadFailed(server: ServerName, problem: string): WarningDraft {
  return {
    code: 'reload.failed',
    severity: 'error',
    subject: '',
    message: `${server} did not come up with its new settings, so the old generation keeps serving: ${problem}`,
    hint: `Correct the settings; to try the same ones again run \`mcp-supervisor restart ${server}\`.`,
  };
}

/** A rejected token, where an older generation goes on with the one before. */
export function keptForRejection(draft: WarningDraft): WarningDraft {
  return {
    ...draft,
    message: `${draft.message} The old generation keeps serving with the token it has.`,
    hint: `${draft.hint} Each save of the env file tries again.`,
  };
}

export function crashLoop(server: ServerName, reason: string): WarningDraft {
  return {
    code: 'server.crash-loop',
    severity: 'error',
    subject: '',
    message: `${server} was given up: ${reason}`,
    hint: `See \`mcp-supervisor logs ${server}\`; after mending it run \`mcp-supervisor restart ${server}\`.`,
  };
}

export function stdoutNoise(server: ServerName, sample: string): WarningDraft {
  return {
    code: 'stdout.noise',
    severity: 'warning',
    subject: '',
    message: `${server} writes to stdout what is no MCP message, for example: ${sample}`,
    hint: 'Only JSON-RPC belongs there. It is kept from clients and logged; tell the server’s authors to use stderr.',
  };
}

export function oversizeLine(server: ServerName, stream: string, bytes: number): WarningDraft {
  return {
    code: 'stdout.oversize',
    severity: 'error',
    subject: stream,
    message: `${server} wrote one line of ${bytes} bytes to ${stream}, which is over the limit and was dropped`,
    hint: 'A single MCP message may have 64 MiB. Ask for less at a time.',
  };
}

export function logFailed(server: ServerName, problem: string): WarningDraft {
  return {
    code: 'log.unwritable',
    severity: 'error',
    subject: '',
    message: `The log of ${server} cannot be written, so lines are lost: ${problem}`,
    hint: 'Make room on the disk, or mend the permissions of the logs folder.',
  };
}

/** `hasLastGood`: a supervisor that has just been restarted knows no other config than the one on disk. */
export function overMemory(server: ServerName, amount: string, waitMs: number): WarningDraft {
  const then =
    waitMs === 0
      ? 'it is replaced'
      : `it was replaced just before, so it stays for another ${Math.ceil(waitMs / 1000)} s`;
  return {
    code: 'server.over-memory',
    severity: 'warning',
    subject: '',
    message: `${server} and its processes took ${amount}: ${then}.`,
    hint: 'If this comes again, it leaks, or it needs more: tell its authors, or raise maxMemory.',
  };
}

export function configBroken(problem: string, hasLastGood: boolean): WarningDraft {
  return {
    code: 'config.invalid',
    severity: 'error',
    subject: '',
    message: hasLastGood
      ? `The config cannot be used, so the last good one stays in force: ${problem}`
      : `The config cannot be used, so what runs goes on as it is: ${problem}`,
    hint: 'Correct it; saving it is enough.',
  };
}
