import { describe, expect, it } from 'vitest';
import { startReceiver } from '../../support/receiver.ts';
import { until } from '../../support/until.ts';
import { Posting, targetOf } from './posting.ts';

const FAILS = /^The webhook for warnings cannot take them now: it .*, after 5 or more attempts/;

describe('a receiver that takes what is posted', () => {
  it('gets each change once and in order, as JSON with the headers of the config', async () => {
    await using receiver = await startReceiver();
    const posting = new Posting();
    posting.webhook.configure(targetOf(receiver, { headers: { Authorization: 'Bearer x', Accept: '*/*' } }));
    posting.raise('a');
    posting.raise('b');
    posting.raise('b', { count: 2 });
    posting.resolve('a');
    posting.raise('a');
    await until('all four', () => receiver.posts.length === 4);
    expect(receiver.taken()).toEqual(['raised a', 'raised b', 'resolved a', 'raised a']);
    const [first] = receiver.posts;
    expect(first?.path).toBe('/hook');
    expect(first?.headers).toMatchObject({
      authorization: 'Bearer x',
      'content-type': 'application/json',
      'user-agent': 'mcp-supervisor',
    });
    expect(first?.body).toMatchObject({ id: 'a', event: 'raised', project: 'shop', state: 'active' });
    await until('it is written down', () => posting.saved.length === 2);
    expect(posting.problems).toEqual([]);
  });

  it('is not told what is less than minSeverity, nor what is wrong with the webhook itself', async () => {
    await using receiver = await startReceiver();
    const posting = new Posting();
    posting.webhook.configure(targetOf(receiver));
    posting.raise('low', { severity: 'info' });
    posting.resolve('low');
    posting.raise('own', { code: 'webhook.failed', server: null });
    posting.resolve('own');
    posting.raise('high', { severity: 'error' });
    await until('one', () => receiver.posts.length > 0);
    expect(receiver.taken()).toEqual(['raised high']);
  });

  it('is told what is active already when it is configured, and no more once it is not', async () => {
    await using receiver = await startReceiver();
    const posting = new Posting();
    posting.raise('before');
    posting.raise('over');
    posting.resolve('over');
    posting.webhook.configure(targetOf(receiver));
    await until('the active one', () => posting.saved.length === 1);
    posting.webhook.configure(null);
    posting.raise('meanwhile');
    posting.resolve('before');
    posting.webhook.configure(targetOf(receiver));
    await until('what differs', () => receiver.posts.length === 3);
    expect(receiver.taken()).toEqual(['raised before', 'resolved before', 'raised meanwhile']);
  });
});

describe('a receiver that fails for a while', () => {
  it.each([[[500, 503, 200]], [['drop', 'drop', 204]], [[429, 599, 201]]] as const)(
    'is asked again until it takes it: %j',
    async (answers) => {
      await using receiver = await startReceiver(...answers);
      const posting = new Posting();
      posting.webhook.configure(targetOf(receiver));
      posting.raise('a');
      posting.resolve('a');
      await until('both', () => receiver.taken().length === 2);
      expect(receiver.posts.map(({ status, body }) => `${status} ${body.event}`)).toEqual([
        ...answers.map((answer) => `${answer} raised`),
        `${answers[2]} resolved`,
      ]);
      expect(posting.problems).toEqual([]);
    },
  );

  it('is given no more than its time', async () => {
    await using receiver = await startReceiver('hang', 200);
    const posting = new Posting();
    posting.webhook.configure(targetOf(receiver, { timeoutMs: 150 }));
    posting.raise('a');
    await until('the second attempt', () => receiver.taken().length === 1);
    expect(receiver.posts).toHaveLength(2);
  });

  it('is asked again when it wants to be, and not before', async () => {
    await using receiver = await startReceiver({ status: 429, headers: { 'retry-after': '3600' } }, 200);
    const posting = new Posting();
    posting.webhook.configure(targetOf(receiver));
    posting.raise('a');
    await until('refused for now', () => receiver.posts.length === 1);
    // Its own pauses are a hundred times shorter than what it takes for this one to come by.
    await using other = await startReceiver(500, 500, 500, 500, 500, 200);
    const comparison = new Posting();
    comparison.webhook.configure(targetOf(other));
    comparison.raise('a');
    await until('six attempts elsewhere', () => other.posts.length === 6);
    expect(receiver.posts).toHaveLength(1);
    // It waits without holding `down` up.
    await posting.webhook.finish(30_000);
    await receiver.caughtUp();
    expect(receiver.taken()).toEqual(['raised a']);
  });

  it('is not waited for when another one is configured', async () => {
    await using receiver = await startReceiver({ status: 503, headers: { 'retry-after': '3600' } });
    await using other = await startReceiver();
    const posting = new Posting();
    posting.webhook.configure(targetOf(receiver));
    posting.raise('a');
    await until('it fails', () => receiver.posts.length === 1);
    posting.webhook.configure(targetOf(other));
    await until('the other one has it', () => other.taken().length === 1);
    expect(receiver.posts).toHaveLength(1);
  });

  it('is a warning after five failures, until it takes something; nothing is lost meanwhile', async () => {
    await using receiver = await startReceiver(500);
    const posting = new Posting();
    posting.webhook.configure(targetOf(receiver));
    posting.raise('a');
    posting.raise('b');
    await until('it is a problem', () => posting.problems.length === 1);
    expect(posting.problems[0]).toMatch(FAILS);
    expect(posting.webhook.problem).toMatchObject({ code: 'webhook.failed', severity: 'warning' });
    // The other row gets its turn: it may be the first one that cannot be taken.
    await until('the other one', () => receiver.posts.some(({ body }) => body.id === 'b'));
    await receiver.answer(200);
    await until('both', () => receiver.taken().length === 2);
    expect(receiver.taken().toSorted()).toEqual(['raised a', 'raised b']);
    await until('it is over', () => posting.problems.length > 1);
    expect(posting.problems.at(-1)).toBeNull();
  });

  it('is asked by one request at a time, whatever waits', async () => {
    await using receiver = await startReceiver('hang');
    const posting = new Posting();
    posting.webhook.configure(targetOf(receiver));
    for (let n = 0; n < 50; n += 1) posting.raise(`row-${n}`);
    await until('the first', () => receiver.posts.length === 1);
    // Those after it come when this one is broken off.
    await receiver.answer(200);
    expect(receiver.posts).toHaveLength(1);
    posting.webhook.configure(targetOf(receiver, { timeoutMs: 290_000 }));
    await until('all', () => receiver.taken().length === 50);
    expect(receiver.taken()[0]).toBe('raised row-0');
  });

  it('finds at most so many waiting, and learns at the end what differs', async () => {
    await using receiver = await startReceiver('hang');
    const posting = new Posting({ maxWaiting: 5 });
    posting.webhook.configure(targetOf(receiver));
    for (let n = 0; n < 20; n += 1) posting.raise(`row-${n}`);
    for (let n = 0; n < 10; n += 1) posting.resolve(`row-${n}`);
    await until('the first', () => receiver.posts.length === 1);
    expect(posting.logged).toEqual([expect.stringContaining('the oldest are dropped')]);
    await receiver.answer(200);
    posting.webhook.configure(targetOf(receiver, { timeoutMs: 290_000 }));
    await until('all that is active', () => posting.saved.length === 10);
    const expected = Array.from({ length: 10 }, (_, n) => `raised row-${n + 10}`);
    expect(
      receiver
        .taken()
        .filter((taken) => taken.startsWith('raised'))
        .toSorted(),
    ).toEqual(expect.arrayContaining(expected));
    const last = new Map(
      receiver.posts.filter(({ status }) => status === 200).map(({ body }) => [body.id, body.event]),
    );
    expect(
      [...last]
        .filter(([, event]) => event === 'raised')
        .map(([id]) => id)
        .toSorted(),
    ).toEqual(expected.map((taken) => taken.slice(7)).toSorted());
  });
});

describe('a receiver that refuses', () => {
  it.each([400, 401, 404, 410, 300])('is not asked again: %i', async (status) => {
    await using receiver = await startReceiver(status, 200);
    const posting = new Posting();
    posting.webhook.configure(targetOf(receiver));
    posting.raise('a');
    await until('it is a problem', () => posting.problems.length === 1);
    expect(posting.problems[0]).toMatch(new RegExp(`does not take them: it answered with .*${status}`));
    // Nobody was told that it was raised.
    posting.resolve('a');
    posting.raise('b');
    await until('it takes the next', () => receiver.taken().length === 1);
    expect(receiver.posts.map(({ body }) => `${body.event} ${body.id}`)).toEqual(['raised a', 'raised b']);
    await until('it is over', () => posting.problems.length === 2);
    expect(posting.problems[1]).toBeNull();
  });

  it.each([301, 302, 303, 307, 308])('is not followed elsewhere: %i', async (status) => {
    await using elsewhere = await startReceiver();
    const headers = { location: `${elsewhere.origin}/elsewhere` };
    await using receiver = await startReceiver({ status, headers }, 200);
    const posting = new Posting();
    posting.webhook.configure(targetOf(receiver, { headers: { Authorization: 'Bearer x' } }));
    posting.raise('a');
    await until('it is a problem', () => posting.problems.length === 1);
    expect(posting.problems[0]).toContain(`it answered with a redirect (${status}), which is not followed`);
    expect(elsewhere.posts).toEqual([]);
  });

  it('gets what is active again when it is configured otherwise, and is no problem then', async () => {
    await using receiver = await startReceiver(404);
    const posting = new Posting();
    posting.webhook.configure(targetOf(receiver));
    posting.raise('a');
    posting.raise('b');
    await until('both are refused', () => receiver.posts.length === 2);
    await until('it is a problem', () => posting.problems.length === 1);
    await receiver.answer(200);
    posting.resolve('b');
    posting.webhook.configure(targetOf(receiver, { url: `${receiver.origin}/other` }));
    expect(posting.webhook.problem).toBeNull();
    await until('the active one', () => posting.saved.length === 1);
    expect(receiver.taken()).toEqual(['raised a']);
  });

  it('shows nothing of where it is, nor does one that cannot be reached', async () => {
    const receiver = await startReceiver(500);
    const { origin } = receiver;
    await receiver[Symbol.asyncDispose]();
    const posting = new Posting();
    posting.webhook.configure(targetOf(receiver));
    posting.raise('a');
    await until('it is a problem', () => posting.problems.length === 1);
    expect(posting.problems[0]).toContain('it cannot be reached (ECONNREFUSED)');
    posting.webhook.configure(targetOf(receiver, { url: 'http://secret-host.invalid/secret-path' }));
    await until('that one too', () => posting.problems.length === 3);
    const shown = JSON.stringify([posting.problems, posting.webhook.problem, posting.logged]);
    for (const hidden of [new URL(origin).host, 'secret']) expect(shown).not.toContain(hidden);
    posting.webhook.close();
  });
});

describe('the next supervisor', () => {
  it('posts what was raised or resolved and not delivered, and nothing again', async () => {
    await using receiver = await startReceiver(200);
    const posting = new Posting();
    posting.webhook.configure(targetOf(receiver));
    posting.raise('kept');
    posting.raise('ends');
    await until('both are written down', () => posting.saved.length === 2);
    await receiver.answer(500);
    posting.raise('new');
    posting.resolve('ends');
    await until('it fails', () => receiver.posts.length > 2);
    posting.restart();
    await receiver.answer(200);
    posting.webhook.configure(targetOf(receiver));
    await until('what was left', () => receiver.taken().length === 4);
    posting.restart();
    posting.webhook.configure(targetOf(receiver));
    posting.raise('last');
    await until('the last', () => receiver.taken().includes('raised last'));
    expect(receiver.taken().toSorted()).toEqual(
      ['raised kept', 'raised ends', 'raised new', 'resolved ends', 'raised last'].toSorted(),
    );
  });

  it('knows that it had failed until it takes something', async () => {
    await using receiver = await startReceiver(410);
    const posting = new Posting();
    posting.webhook.configure(targetOf(receiver));
    posting.raise('a');
    await until('it is a problem', () => posting.webhook.problem !== null);
    posting.resolve('a');
    posting.restart();
    posting.webhook.configure(targetOf(receiver));
    expect(posting.webhook.problem).not.toBeNull();
    await receiver.answer(200);
    posting.raise('b');
    await until('it is over', () => posting.webhook.problem === null);
  });
});

describe('the end', () => {
  it('comes after one more attempt for each change, without pauses', async () => {
    await using receiver = await startReceiver({ status: 503, headers: { 'retry-after': '3600' } }, 200);
    const posting = new Posting();
    posting.webhook.configure(targetOf(receiver));
    posting.raise('a');
    posting.raise('b');
    await until('it fails', () => receiver.posts.length === 1);
    await posting.webhook.finish(30_000);
    await receiver.caughtUp();
    expect(receiver.taken()).toEqual(['raised a', 'raised b']);
    expect(posting.saved).toEqual(['a', 'b']);
  });

  it('does not wait for a receiver that fails once more, or hangs', async () => {
    await using receiver = await startReceiver({ status: 503, headers: { 'retry-after': '3600' } }, 500);
    const posting = new Posting();
    posting.webhook.configure(targetOf(receiver));
    posting.raise('a');
    posting.raise('b');
    await until('it fails', () => receiver.posts.length === 1);
    await posting.webhook.finish(30_000);
    await receiver.caughtUp();
    expect(receiver.posts).toHaveLength(2);

    await receiver.answer('hang');
    const other = new Posting();
    other.webhook.configure(targetOf(receiver));
    other.raise('a');
    await until('it hangs', () => receiver.posts.length === 3);
    await other.webhook.finish(100);
    await receiver.caughtUp();
    expect(receiver.posts).toHaveLength(3);
  });

  it('comes at once where nothing waits, or nothing is configured', async () => {
    const posting = new Posting();
    await posting.webhook.finish(30_000);
    posting.webhook.configure(null);
    await posting.webhook.finish(30_000);
  });
});
