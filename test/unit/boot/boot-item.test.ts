import { spawnSync } from 'node:child_process';
import { chmodSync, symlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { DOMParser } from '@xmldom/xmldom';
import fc from 'fast-check';
import { parse as parsePlist } from 'plist';
import { describe, expect, it } from 'vitest';
import { bootItem } from '../../../src/boot/boot-item.ts';
import { type BootOrder, projectId, STOP_TIMEOUT_S } from '../../../src/boot/item.ts';
import { LONGEST_STOP_MS } from '../../../src/supervisor/tear-down.ts';
import { isInstalled } from '../../support/programs.ts';
import { tempDir } from '../../support/temp-dir.ts';

const NASTY = `/home/me/50% "of" it's <a&b> $HOME \${X} \\ back; é 日本`;

function order(config = '/home/me/shop/ecosystem.config.ts', more: Partial<BootOrder> = {}): BootOrder {
  return {
    command: ['/usr/bin/node', '/opt/mcp-supervisor.js', 'up', '--foreground', '--config', config],
    configFile: config,
    env: { PATH: '/usr/bin:/bin' },
    home: '/home/me',
    user: 'me',
    uid: 1000,
    ...more,
  };
}

/** The words of a line as systemd takes it apart: quotes, C escapes, specifiers, and variables in arguments. */
function systemdWords(line: string): string[] {
  const quoted = /"((?:\\.|[^"\\])*)"(?: |$)/gy;
  const words = [...line.matchAll(quoted)];
  expect(words.map(([all]) => all).join('')).toBe(line);
  return words.map(([, inner = ''], index) => {
    const text = inner
      .replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex?: string, escaped?: string) => {
        if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
        expect('\\"').toContain(escaped);
        return escaped ?? '';
      })
      .replace(/%(.?)/gs, (_, next: string) => {
        expect(next).toBe('%');
        return '%';
      });
    if (index === 0) return text;
    expect(text.replaceAll('$$', '')).not.toContain('$');
    return text.replaceAll('$$', '$');
  });
}

const setting = (text: string, key: string) =>
  [...text.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, found = '']) => found);

describe('a systemd unit', () => {
  const { file, text, install, remove, links } = bootItem('linux', order());

  it('runs `up --foreground` with absolute paths, as a notifying service that is given time to stop', () => {
    expect(systemdWords(setting(text, 'ExecStart')[0] ?? '')).toEqual(order().command);
    expect(systemdWords(setting(text, 'Environment')[0] ?? '')).toEqual(['PATH=/usr/bin:/bin']);
    expect(setting(text, 'Type')).toEqual(['notify']);
    expect(setting(text, 'Restart')).toEqual(['on-failure']);
    expect(setting(text, 'KillMode')).toEqual(['mixed']);
    expect(setting(text, 'WantedBy')).toEqual(['default.target']);
    expect(Number(setting(text, 'TimeoutStopSec')[0])).toBe(STOP_TIMEOUT_S);
    expect(STOP_TIMEOUT_S * 1000).toBeGreaterThanOrEqual(LONGEST_STOP_MS);
  });

  it('is one of the user, who may keep them elsewhere', () => {
    const name = `mcp-supervisor-${projectId('/home/me/shop/x.ts', 'linux')}.service`;
    expect(name).toMatch(/^mcp-supervisor-shop-[0-9a-f]{8}\.service$/);
    expect(file).toBe(`/home/me/.config/systemd/user/${name}`);
    expect(links).toEqual([`/home/me/.config/systemd/user/default.target.wants/${name}`]);
    expect([...install, ...remove].flat()).toContain(name);
    const elsewhere = bootItem('linux', order(undefined, { env: { XDG_CONFIG_HOME: '/conf' } }));
    expect(elsewhere.file).toBe(`/conf/systemd/user/${name}`);
    expect(setting(elsewhere.text, 'Environment')).toEqual([]);
  });

  it('takes any path', () => {
    const path = fc.array(
      fc.oneof(
        fc.constantFrom('%', '%%', '%h', '$', '$$', '${X}', '"', "'", '\\', ' ', ';', '\n', '\t', '/'),
        fc.string({ unit: 'binary', maxLength: 3 }).map((part) => part.replaceAll('\0', '')),
      ),
    );
    fc.assert(
      fc.property(path, path, (parts, others) => {
        const config = `/${parts.join('')}x/ecosystem.config.ts`;
        const command = [`/a n%o$de`, '/b', config] as const;
        const env = { PATH: `/${others.join('')}` };
        const unit = bootItem('linux', order(config, { command, env })).text;
        expect(systemdWords(setting(unit, 'ExecStart')[0] ?? '')).toEqual(command);
        const [variable] = setting(unit, 'Environment');
        // Variables are for ExecStart only.
        expect(systemdWords(variable ?? '')).toEqual([`PATH=${env.PATH}`]);
        // Nothing of it has become a line of its own.
        expect(unit.split('\n')).toHaveLength(text.split('\n').length);
      }),
    );
  });

  const verify = isInstalled('systemd-analyze');
  it.each(verify ? ['shop', `50% "of" it's <a&b> $HOME \\ é`] : [])(
    'systemd itself takes it: %s',
    (folder) => {
      const temp = tempDir();
      const script = temp.write(`${folder}/mcp supervisor.js`, '#!/bin/sh\n');
      chmodSync(script, 0o755);
      const node = temp.path(`${folder}/node`);
      symlinkSync(process.execPath, node);
      const config = temp.write(`${folder}/ecosystem.config.ts`, '');
      const command = [node, script, 'up', '--foreground', '--config', config] as const;
      const item = bootItem('linux', order(config, { command, home: temp.dir }));
      const unit = temp.write(basename(item.file), item.text);
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], {
        encoding: 'utf8',
      });
      const ours = stderr.split('\n').filter((line) => line.includes(basename(item.file)));
      expect({ status, ours }).toEqual({ status: 0, ours: [] });
    },
  );

  it('has a shell start a program that systemd would refuse', () => {
    const command = ["/it's/node", '/b.js'] as const;
    const unit = bootItem('linux', order(undefined, { command })).text;
    const words = systemdWords(setting(unit, 'ExecStart')[0] ?? '');
    const [program = '', ...args] = words;
    expect(words.slice(-2)).toEqual(command);
    const { stdout } = spawnSync(program, [...args.slice(0, 2), 'printf', '%s|', "it's", '$HOME'], {
      encoding: 'utf8',
    });
    expect(stdout).toBe("it's|$HOME|");
  });
});

function xml(text: string) {
  const onError = (_: string, message: string) => {
    throw new Error(message);
  };
  return new DOMParser({ onError }).parseFromString(text, 'text/xml');
}

describe('a launchd agent', () => {
  it('is a property list that runs `up --foreground` and keeps it alive', () => {
    const command = ['/usr/bin/node', '/opt/a.js', '--config', NASTY] as const;
    const { file, text, install, remove } = bootItem('macos', order(`${NASTY}/x.ts`, { command }));
    xml(text);
    const label = basename(file, '.plist');
    expect(file).toMatch(/^\/home\/me\/Library\/LaunchAgents\/mcp-supervisor\.[\w-]+-[0-9a-f]{8}\.plist$/);
    expect(parsePlist(text)).toEqual({
      Label: label,
      ProgramArguments: command,
      EnvironmentVariables: { PATH: '/usr/bin:/bin' },
      RunAtLoad: true,
      KeepAlive: { SuccessfulExit: false },
      ThrottleInterval: 30,
      ExitTimeOut: STOP_TIMEOUT_S,
      StandardErrorPath: `/home/me/Library/Logs/${label}.log`,
    });
    expect(install).toEqual([['launchctl', 'bootstrap', 'gui/1000', file]]);
    expect(remove).toEqual([['launchctl', 'bootout', `gui/1000/${label}`]]);
  });
});

describe('a scheduled task', () => {
  const config = "C:\\Users\\me\\50% <a&b> it's\\ecosystem.config.ts";
  const command = ['C:\\Program Files\\node.exe', 'C:\\a b\\c.js', 'up', '--config', config] as const;
  const env = { LOCALAPPDATA: 'C:\\Local', USERDOMAIN: 'R&D' };
  const { file, text, encoding, install } = bootItem('windows', order(config, { command, env }));

  it('is XML that runs `up --foreground` at logon, without a time limit', () => {
    const document = xml(text);
    const value = (tag: string) => document.getElementsByTagName(tag)[0]?.textContent;
    expect(value('Command')).toBe(command[0]);
    expect(value('Arguments')).toBe(`"C:\\a b\\c.js" up --config "${config}"`);
    expect(value('WorkingDirectory')).toBe("C:\\Users\\me\\50% <a&b> it's");
    expect(value('UserId')).toBe('R&D\\me');
    expect(value('ExecutionTimeLimit')).toBe('PT0S');
    expect(document.getElementsByTagName('LogonTrigger')).toHaveLength(1);
  });

  it('is written as Windows writes them, and named to schtasks', () => {
    expect(file).toMatch(/^C:\\Local\\mcp-supervisor\\mcp-supervisor-50-a-b-it-s-[0-9a-f]{8}\.xml$/);
    expect(encoding).toBe('utf16le');
    expect(install[0]).toEqual([
      'schtasks',
      '/Create',
      '/F',
      '/TN',
      basename(file.replaceAll('\\', '/'), '.xml'),
      '/XML',
      file,
    ]);
  });

  it.each([
    ['plain', 'plain'],
    ['', '""'],
    ['a b', '"a b"'],
    ['ends \\', '"ends \\\\"'],
    ['a"b', '"a\\"b"'],
    ['a\\"b c', '"a\\\\\\"b c"'],
    ['a\\b', 'a\\b'],
  ])('takes the argument %j as %s', (argument, written) => {
    const item = bootItem('windows', order(config, { command: ['node', argument], env }));
    expect(xml(item.text).getElementsByTagName('Arguments')[0]?.textContent).toBe(written);
  });
});

describe('names', () => {
  it.each<[string, string]>([
    ['/home/me/shop/x.ts', 'shop'],
    ['/x.ts', 'project'],
    ['/日本/x.ts', 'project'],
    ['/a b@c.d/x.ts', 'a-b-c-d'],
    [`/${'long'.repeat(30)}/x.ts`, 'long'.repeat(10)],
  ])('%s: %s and a hash', (config, name) => {
    expect(projectId(config, 'linux')).toMatch(new RegExp(`^${name}-[0-9a-f]{8}$`));
  });

  it('differ where projects do', () => {
    expect(projectId('/a/shop/x.ts', 'linux')).not.toBe(projectId('/b/shop/x.ts', 'linux'));
  });
});

it('XML refuses what it cannot hold', () => {
  expect(() => bootItem('macos', order('/a\u0001b/x.ts'))).toThrow(/control character/);
});
