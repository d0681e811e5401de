import { relative, resolve } from 'node:path';
import type { Places } from '../clients/places.ts';
import { SupervisorError } from '../errors.ts';
import type { NamedServer } from '../init/names.ts';
import type { InitPlan } from '../init/plan-init.ts';
import { type CliContext, type CommonOptions, INTERRUPTED, type Verb } from './context.ts';

export interface InitOptions extends CommonOptions {
  readonly yes?: boolean;
  readonly from?: string;
  readonly sentry?: boolean;
  readonly vscode?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** Makes a config from what the clients on this machine have. */
export const init: Verb<InitOptions> = async (context, _names, options) => {
  const { configTarget } = await import('../init/target.ts');
  const { findServers, serversOf } = await import('../init/find-servers.ts');
  const { nameServers } = await import('../init/names.ts');
  const { planInit } = await import('../init/plan-init.ts');
  const { writeFiles } = await import('../write-files.ts');
  const { cwd, home, env, out } = context;
  const { configFile, root, instead } = configTarget(cwd, options.config, options.force === true);
  const places: Places = { platform: process.platform, root, home, env };
  const search =
    options.from === undefined ? findServers(places) : serversOf(resolve(cwd, options.from), places);
  const offered = nameServers(search.servers);
  const servers = await chosen(context, offered, options);
  if (servers === null) {
    context.err.write('Nothing was written.\n');
    return INTERRUPTED;
  }
  const plan = planInit({
    configFile,
    home,
    servers,
    sentry: options.sentry === true,
    vscode: options.vscode === true,
  });
  const notes = [
    ...search.problems,
    ...search.leftOut.map(({ name, file, reason }) => `${name} of ${file} was left out: ${reason}.`),
    ...plan.notes,
    ...(instead === null ? [] : [`${instead} is still there; ${configFile} is found before it.`]),
  ];
  if (options.dryRun !== true) writeFiles(plan.changes);
  if (options.json === true) {
    const files = plan.changes.map(({ path, before }) => ({
      path,
      action: before === null ? 'make' : 'change',
    }));
    const { names, moved, needed } = plan;
    out.write(
      `${JSON.stringify({ dryRun: options.dryRun === true, files, servers: names, moved, needed, notes })}\n`,
    );
    return 0;
  }
  for (const note of notes) context.err.write(`${note}\n`);
  if (options.dryRun === true) {
    const { planDiff } = await import('../init/plan-diff.ts');
    out.write(planDiff(plan, root) || 'Nothing to do.\n');
  } else report(context, plan, root);
  return 0;
};

/** All of them where the command line says so, else those that the user picks; null where he gives up. */
async function chosen(
  context: CliContext,
  offered: readonly NamedServer[],
  options: InitOptions,
): Promise<readonly NamedServer[] | null> {
  if (offered.length === 0 || options.yes === true || options.from !== undefined) return offered;
  const { input } = context.stdio();
  if ('isTTY' in input && input.isTTY === true && context.err.isTty && options.json !== true) {
    const { pickServers } = await import('./pick-servers.ts');
    return pickServers(offered, { input, output: process.stderr, signal: context.signal });
  }
  if (options.sentry === true) return [];
  const names = offered.map(({ name }) => name).join(', ');
  throw new SupervisorError(
    'usage.invalid',
    `There is no terminal to ask which servers to take; found: ${names}`,
    'Use --yes for all of them, --from FILE for those of one file, or --sentry for that one alone.',
  );
}

function report({ out, err }: CliContext, plan: InitPlan, root: string): void {
  for (const { path, before } of plan.changes) {
    out.write(`${before === null ? 'made' : 'changed'}  ${relative(root, path)}\n`);
  }
  out.write(`Servers: ${plan.names.join(', ') || 'none yet; the config has examples'}\n`);
  if (plan.moved.length > 0) {
    out.write(`Moved to .env, so that the config holds no secret: ${plan.moved.join(', ')}\n`);
  }
  if (plan.moved.length > 0 && plan.clients.length > 0) {
    err.write("The clients' files still hold these secrets, until client-config replaces their entries.\n");
  }
  if (plan.needed.length > 0)
    out.write(`Needs a value in .env, or in your environment: ${plan.needed.join(', ')}\n`);
  const clients = plan.clients.length === 0 ? ['claude-code'] : plan.clients;
  err.write('\nNext:\n  mcp-supervisor up\n');
  for (const client of clients) err.write(`  mcp-supervisor client-config ${client} --write\n`);
}
