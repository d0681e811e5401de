import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { installItem } from '../../../src/boot/install.ts';
import type { BootItem } from '../../../src/boot/item.ts';
import { launchdAgent } from '../../../src/boot/launchd-agent.ts';
import { tempDir } from '../../support/temp-dir.ts';

/** An agent in a home of its own, and a launchctl that knows what is loaded, as the real one does. */
function macWith(script: string) {
  const { dir, path, write } = tempDir();
  chmodSync(write('bin/launchctl', `#!/bin/sh\necho "$*" >> '${path('calls')}'\n${script}\n`), 0o755);
  const env = { PATH: path('bin') };
  const configFile = path('shop/ecosystem.config.ts');
  const item = launchdAgent({
    command: ['/node', '/cli.js', 'up', '--foreground'],
    ...{ configFile, env, home: dir, user: 'me', uid: 501 },
  });
  const install = (what: BootItem = item) => installItem(what, { env, signal: new AbortController().signal });
  return {
    item,
    install,
    path,
    write,
    calls: () => readFileSync(path('calls'), 'utf8').trimEnd().split('\n'),
  };
}

it('is done once more for an agent that is loaded, which launchd refuses to load twice', async () => {
  const { item, install, calls } = macWith(`
case "$1" in
  bootout) [ -e "$0.loaded" ] && exec /bin/rm "$0.loaded"; echo 'No such process' >&2; exit 3 ;;
  bootstrap) [ -e "$0.loaded" ] && { echo 'Bootstrap failed: 5' >&2; exit 5; }; : > "$0.loaded" ;;
esac`);
  expect(await install()).toBe(true);
  expect(await install()).toBe(true);
  const round = [
    `bootout gui/501/${item.file.match(/[^/]+(?=\.plist$)/)?.[0]}`,
    `bootstrap gui/501 ${item.file}`,
  ];
  expect(calls()).toEqual([...round, ...round]);
});

it('a folder that cannot be written is an error of the files, not of ours', async () => {
  const { item, install, path, write } = macWith('exit 0');
  write('Library/LaunchAgents', 'a file');
  await expect(install()).rejects.toMatchObject({ code: 'files.unusable' });
  expect(existsSync(path('calls'))).toBe(false);
  expect(existsSync(item.file)).toBe(false);
});
