import { expect, it, onTestFinished } from 'vitest';
import { ConnectionJournal } from '../../../src/gateway/connection-journal.ts';
import { Gateway } from '../../../src/gateway/gateway.ts';
import type { SessionRecord } from '../../../src/gateway/session.ts';
import { tempDir } from '../../support/temp-dir.ts';

const record = (server: string): SessionRecord => ({
  id: `session-with-${server}`,
  server,
  protocolVersion: '2025-11-25',
  capabilities: {},
  client: 'test',
  logLevel: null,
  subscriptions: [],
  lastSeen: Date.now(),
});

const unused = () => {
  throw new Error('nobody connects here');
};

/** The gateway of a supervisor that has not come to listen yet, and the servers of the sessions that it saved. */
function gatewayWith(...sessions: readonly SessionRecord[]) {
  const { path } = tempDir();
  const journal = new ConnectionJournal(path('connections'));
  onTestFinished(() => journal.close());
  let saved: readonly SessionRecord[] = [];
  const gateway = new Gateway({
    listener: { listen: unused, onConnection: unused, closed: unused },
    journal,
    socketPath: path('gateway.sock'),
    token: unused,
    sessions,
    saveSessions: (records) => {
      saved = records;
    },
    notReady: () => [],
    warnings: () => [],
  });
  return { gateway, savedServers: () => saved.map(({ server }) => server).toSorted() };
}

it('a supervisor that ends before it has come to a server leaves the sessions with it to the next', () => {
  const { gateway, savedServers } = gatewayWith(record('a'), record('b'));
  gateway.release();
  expect(savedServers()).toEqual(['a', 'b']);
  gateway.open('a');
  gateway.release();
  expect(savedServers()).toEqual(['a', 'b']);
});

it('sessions with a server that has been taken out of the config do not come back with it', () => {
  const { gateway, savedServers } = gatewayWith(record('a'), record('b'));
  gateway.open('a');
  gateway.remove('a');
  expect(gateway.open('a').sessions.all()).toEqual([]);
  gateway.release();
  expect(savedServers()).toEqual(['b']);
});
