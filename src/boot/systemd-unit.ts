import { posix } from 'node:path';
import { type BootItem, type BootOrder, projectId, START_TIMEOUT_S, STOP_TIMEOUT_S } from './item.ts';

/** A unit of the user's own systemd. */
export function systemdUnit({ command, configFile, env, home, user }: BootOrder): BootItem {
  const name = `mcp-supervisor-${projectId(configFile, 'linux')}.service`;
  const config = env['XDG_CONFIG_HOME'];
  const folder = posix.join(config || posix.join(home, '.config'), 'systemd', 'user');
  const [program, ...args] = REFUSED.test(command[0]) ? [...SHELL, ...command] : command;
  const { PATH: path } = env;
  const text = `# Written by \`mcp-supervisor startup\`; \`mcp-supervisor unstartup\` removes it.
[Unit]
Description=MCP servers of ${specifiers(plain(posix.dirname(configFile)))}
StartLimitIntervalSec=300
StartLimitBurst=5

[Service]
Type=notify
# systemd-notify speaks for us, and is a process of its own.
NotifyAccess=all
ExecStart=${[word(`${program}`), ...args.map((arg) => word(arg).replaceAll('$', '$$$$'))].join(' ')}
${path === undefined ? '' : `Environment=${word(`PATH=${path}`)}\n`}Restart=on-failure
RestartSec=5
# A config that is wrong is wrong the next time, too.
RestartPreventExitStatus=2 3
# We stop everything; what is left after that is killed.
KillMode=mixed
TimeoutStartSec=${START_TIMEOUT_S}
TimeoutStopSec=${STOP_TIMEOUT_S}

[Install]
WantedBy=default.target
`;
  return {
    file: posix.join(folder, name),
    text,
    encoding: 'utf8',
    forget: null,
    install: [
      ['systemctl', '--user', 'daemon-reload'],
      ['systemctl', '--user', 'enable', '--now', name],
    ],
    remove: [
      ['systemctl', '--user', 'disable', '--now', name],
      ['systemctl', '--user', 'daemon-reload'],
    ],
    links: [posix.join(folder, 'default.target.wants', name)],
    hints: [
      `Its output: journalctl --user -u ${name} -f`,
      `It runs while ${user} is logged in. To have it from boot on: loginctl enable-linger ${user}`,
    ],
  };
}

/** systemd takes no program with such a path, but passes on any argument. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them.
const REFUSED = /["'\\\u0000-\u001f\u007f]/;
const SHELL = ['/bin/sh', '-c', 'exec "$0" "$@"'] as const;

/** One word of ExecStart= or Environment=, between quotes. */
function word(text: string): string {
  const escaped = text
    .replace(/[\\"]/g, '\\$&')
    .replace(CONTROL, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `"${specifiers(escaped)}"`;
}

function specifiers(text: string): string {
  return text.replaceAll('%', '%%');
}

/** Of a description, which has no quotes. A backslash at its end would go on in the next line. */
function plain(text: string): string {
  return text.replace(CONTROL, ' ').replace(/\\$/, '\\ ');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them.
const CONTROL = /[\u0000-\u001f\u007f]/g;
