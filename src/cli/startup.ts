import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { BootItem, BootPlatform } from '../boot/item.ts';
import { SupervisorError } from '../errors.ts';
import type { CliContext, CommonOptions, Verb } from './context.ts';
import { withProgress } from './progress.ts';

export interface StartupOptions extends CommonOptions {
  readonly print?: boolean;
  readonly remove?: boolean;
  readonly platform?: string;
}

export const PLATFORMS: readonly BootPlatform[] = ['linux', 'macos', 'windows'];

/** Has the system start this project at boot or login; `--print` only shows with what. */
export const startup: Verb<StartupOptions> = async (context, names, options) => {
  if (options.remove === true) return unstartup(context, names, options);
  const platform = platformOf(options);
  const { out, err } = context;
  const { item, configFile } = await itemOf(context, platform, options);
  if (options.print === true) {
    const { file, text } = item;
    out.write(options.json === true ? `${JSON.stringify({ file, text })}\n` : text);
    return 0;
  }
  if (!existsSync(configFile))
    throw new SupervisorError(
      'config.not-found',
      `There is no file ${configFile}`,
      'Name it with --config FILE.',
    );
  const { installItem, commandText } = await import('../boot/install.ts');
  err.write('Starting it, which may take until every server is ready or has failed\n');
  const isStarted = await withProgress(context, 'Starting it', () => installItem(item, context));
  if (options.json === true) return report(context, item, isStarted);
  out.write(`Written: ${item.file}\n`);
  out.write(isStarted ? 'It is started now, and from now on by the system.\n' : 'To have it started:\n');
  if (!isStarted) for (const command of item.install) out.write(`  ${commandText(command)}\n`);
  for (const hint of item.hints) out.write(`${hint}\n`);
  return 0;
};

/** Stops what `startup` made the system start, and has it forget it. */
export const unstartup: Verb = async (context, _names, options) => {
  const { out } = context;
  const { item } = await itemOf(context, platformOf({}), options);
  const { removeItem, commandText } = await import('../boot/install.ts');
  const isDone = await withProgress(context, 'Stopping it', () => removeItem(item, context));
  if (options.json === true) return report(context, item, isDone === true);
  if (isDone === null) out.write(`There is no ${item.file}: nothing to remove.\n`);
  else out.write(`Removed: ${item.file}\n`);
  if (isDone === false) for (const command of item.remove) out.write(`  ${commandText(command)}\n`);
  return 0;
};

function report({ out }: CliContext, { file }: BootItem, done: boolean): number {
  out.write(`${JSON.stringify({ file, done })}\n`);
  return 0;
}

async function itemOf(context: CliContext, platform: BootPlatform, { config }: CommonOptions) {
  const { env, self, home } = context;
  const { configFile } = context.openProject(config);
  if (self.command === 'npx') {
    throw new SupervisorError(
      'usage.invalid',
      'This mcp-supervisor runs from the cache of npx, which npm may empty, and cannot be started from there at boot',
      'Run `npm install --save-dev mcp-supervisor`, then `npx mcp-supervisor startup` again.',
    );
  }
  const { bootItem } = await import('../boot/boot-item.ts');
  const { username, uid } = userInfo();
  const item = bootItem(platform, {
    command: [self.command, ...self.args, 'up', '--foreground', '--config', configFile],
    configFile,
    env,
    home,
    user: username,
    uid,
  });
  return { item, configFile };
}

function platformOf({ platform, print }: StartupOptions): BootPlatform {
  const own = ownPlatform();
  if (platform === undefined) return own;
  const found = PLATFORMS.find((candidate) => candidate === platform);
  const hint = `It is one of ${PLATFORMS.join(', ')}.`;
  if (found === undefined) throw new SupervisorError('usage.invalid', `--platform ${platform} is none`, hint);
  if (found === own || print === true) return found;
  throw new SupervisorError(
    'usage.invalid',
    `This is not ${platform}`,
    'To see what it would be, add --print.',
  );
}

function ownPlatform(): BootPlatform {
  if (process.platform === 'win32') return 'windows';
  return process.platform === 'darwin' ? 'macos' : 'linux';
}
