import { win32 } from 'node:path';
import { type BootItem, type BootOrder, projectId } from './item.ts';
import { xmlText } from './xml-text.ts';

/** A task of the Windows Task Scheduler that begins when the user logs in. */
export function scheduledTask({ command, configFile, env, home, user }: BootOrder): BootItem {
  const name = `mcp-supervisor-${projectId(configFile, 'windows')}`;
  const local = env['LOCALAPPDATA'] || win32.join(home, 'AppData', 'Local');
  const file = win32.join(local, 'mcp-supervisor', `${name}.xml`);
  const domain = env['USERDOMAIN'];
  const userId = xmlText(domain === undefined ? user : `${domain}\\${user}`);
  const [program, ...args] = command;
  // Without an encoding: the byte order mark of the file says it.
  const text = `<?xml version="1.0"?>
<!-- Written by \`mcp-supervisor startup\`; \`mcp-supervisor unstartup\` removes it. -->
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>${xmlText(`MCP servers of ${win32.dirname(configFile)}`)}</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
      <UserId>${userId}</UserId>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>${userId}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>5</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>${xmlText(program)}</Command>
      <Arguments>${xmlText(args.map(argument).join(' '))}</Arguments>
      <WorkingDirectory>${xmlText(win32.dirname(configFile))}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
`;
  return {
    file,
    text,
    encoding: 'utf16le',
    forget: null,
    install: [
      ['schtasks', '/Create', '/F', '/TN', name, '/XML', file],
      ['schtasks', '/Run', '/TN', name],
    ],
    remove: [
      ['schtasks', '/End', '/TN', name],
      ['schtasks', '/Delete', '/F', '/TN', name],
    ],
    links: [],
    hints: [`Whether it runs: schtasks /Query /TN ${name}`],
  };
}

/** As the C runtime takes a command line apart: backslashes count only before a quote. */
function argument(text: string): string {
  if (text !== '' && !/[\s"]/.test(text)) return text;
  return `"${text.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
}
