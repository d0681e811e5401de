import { posix } from 'node:path';
import { type BootCommand, type BootItem, type BootOrder, projectId, STOP_TIMEOUT_S } from './item.ts';
import { xmlText } from './xml-text.ts';

/** An agent of the user's launchd. */
export function launchdAgent({ command, configFile, env, home, uid }: BootOrder): BootItem {
  const label = `mcp-supervisor.${projectId(configFile, 'macos')}`;
  const file = posix.join(home, 'Library', 'LaunchAgents', `${label}.plist`);
  const { PATH: path } = env;
  const string = (text: string) => `<string>${xmlText(text)}</string>`;
  const environment =
    path === undefined
      ? ''
      : `  <key>EnvironmentVariables</key>
  <dict>
    <key>PATH</key>
    ${string(path)}
  </dict>
`;
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- Written by \`mcp-supervisor startup\`; \`mcp-supervisor unstartup\` removes it. -->
<plist version="1.0">
<dict>
  <key>Label</key>
  ${string(label)}
  <key>ProgramArguments</key>
  <array>
${command.map((part) => `    ${string(part)}\n`).join('')}  </array>
${environment}  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>30</integer>
  <key>ExitTimeOut</key>
  <integer>${STOP_TIMEOUT_S}</integer>
  <key>StandardErrorPath</key>
  ${string(posix.join(home, 'Library', 'Logs', `${label}.log`))}
</dict>
</plist>
`;
  const bootout: BootCommand = ['launchctl', 'bootout', `gui/${uid}/${label}`];
  return {
    file,
    text,
    encoding: 'utf8',
    // It refuses to load an agent that is loaded.
    forget: bootout,
    install: [['launchctl', 'bootstrap', `gui/${uid}`, file]],
    remove: [bootout],
    links: [],
    hints: [`Whether it runs: launchctl print gui/${uid}/${label}`],
  };
}
