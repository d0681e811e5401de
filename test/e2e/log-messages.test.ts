import { expect, test } from 'vitest';
import { fixture } from '../support/cli.ts';
import { type Connection, connect } from '../support/mcp-client.ts';
import { fixtureServer, TestProject } from '../support/project.ts';
import { until } from '../support/until.ts';

const rule = (code: string, pattern: string, severity: string) => ({
  ...{ code, pattern, severity, subject: '', message: `it said ${code}`, hint: 'Listen.' },
});

test('real clients are told what is wrong with their server, as it happens and when they come', async () => {
  await using project = new TestProject({
    env: 'VALUE=cured\n',
    servers: {
      complains: fixtureServer(fixture('complains'), {
        env: { VALUE: '${VALUE}' },
        logRules: [
          rule('my.first', 'FIRST', 'warning'),
          rule('my.trifle', 'TRIFLE', 'info'),
          rule('my.second', 'SECOND', 'error'),
        ],
      }),
      other: fixtureServer(fixture('tiny')),
    },
  });
  await project.ok('up');
  const listen = ({ client }: Connection) => {
    const heard: unknown[] = [];
    client.setNotificationHandler('notifications/message', ({ params }) => void heard.push(params));
    return heard;
  };
  await using one = await connect(await project.endpoint('complains'));
  await using other = await connect(await project.endpoint('other'));
  const [heard, elsewhere] = [listen(one), listen(other)];
  expect(one.client.getServerCapabilities()).toMatchObject({ tools: {}, logging: {} });
  await one.text('echo', { line: 'FIRST' });
  const first = {
    level: 'warning',
    logger: 'mcp-supervisor',
    data: { code: 'my.first', message: 'it said my.first', hint: 'Listen.', server: 'complains' },
  };
  await until('it is told', () => heard.length > 0);
  expect(heard).toEqual([first]);

  // Only errors from now on. The server has no log of its own: it is we who answer.
  await one.client.setLoggingLevel('error');
  await one.text('echo', { line: 'TRIFLE' });
  await one.text('echo', { line: 'FIRST' });
  await one.text('echo', { line: 'SECOND' });
  await until('the error', () => heard.length > 1);
  expect(heard.slice(1)).toMatchObject([{ level: 'error', data: { code: 'my.second' } }]);

  // Also by a supervisor that knows of it from the one before.
  await project.killSupervisor();
  await project.ready('complains');
  await using late = await connect(await project.endpoint('complains'));
  const heardLate = listen(late);
  await until('what is active', () => heardLate.length > 1);
  expect(heardLate).toMatchObject([{ data: { code: 'my.first' } }, { data: { code: 'my.second' } }]);
  expect(elsewhere).toEqual([]);
});
