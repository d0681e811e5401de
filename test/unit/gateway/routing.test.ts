import fc from 'fast-check';
import { describe, it } from 'vitest';
import { idText, valueText } from '../../support/json-texts.ts';
import { RoutingModel } from './routing-model.ts';

/** A counterexample takes time to be made small. */
const SHRINK_MS = 120_000;

const which = fc.nat(1_000);
/** Few enough that several sessions use the same ids, and all that JSON allows. */
const anyId = fc.oneof(fc.constantFrom('0', '1', '"1"', '2', '1.0', '-1'), idText);
const plan = fc.record({
  id: anyId,
  tool: fc.constantFrom('look' as const, 'record' as const),
  token: fc.option(anyId),
  extra: valueText,
  layout: which,
});
const plans = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(plan) },
  { weight: 1, arbitrary: fc.array(plan, { minLength: 2, maxLength: 3 }) },
);

type Step = (model: RoutingModel) => void | Promise<void>;
const named = (name: string, step: Step): Step => Object.assign(step, { toString: () => name });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(which, plans)
      .map(([who, calls]) =>
        named(`call(${who}, ${JSON.stringify(calls)})`, (model) => model.call(who, calls)),
      ),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(which, which, valueText)
      .map(([one, layout, payload]) =>
        named(`answer(${one}, ${layout}, ${payload})`, (model) => model.answer(one, layout, payload)),
      ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(which, valueText)
      .map(([one, payload]) =>
        named(`progress(${one}, ${payload})`, (model) => model.progress(one, payload)),
      ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(which, anyId, valueText)
      .map(([one, id, payload]) =>
        named(`ask(${one}, ${id}, ${payload})`, (model) => model.ask(one, id, payload)),
      ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(which, which, valueText)
      .map(([one, who, payload]) =>
        named(`reply(${one}, ${who}, ${payload})`, (model) => model.reply(one, who, payload)),
      ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(which, which, valueText)
      .map(([one, layout, payload]) =>
        named(`late(${one}, ${layout}, ${payload})`, (model) => model.late(one, layout, payload)),
      ),
  },
  { weight: 2, arbitrary: which.map((one) => named(`cancel(${one})`, (model) => model.cancel(one))) },
  { weight: 1, arbitrary: which.map((one) => named(`crash(${one})`, (model) => model.crash(one))) },
  { weight: 1, arbitrary: which.map((who) => named(`leave(${who})`, (model) => model.leave(who))) },
  { weight: 1, arbitrary: fc.constant(named('replace()', (model) => model.replace())) },
  { weight: 1, arbitrary: fc.constant(named('hold()', (model) => model.hold())) },
);

describe('an endpoint whose clients share a child', () => {
  it(
    'brings every message to whom it belongs, to the byte, through crashes and replacements',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 4 }),
          fc.array(step, { maxLength: 60, size: 'max' }),
          async (clients, steps) => {
            const model = new RoutingModel(clients);
            try {
              for (const take of steps) {
                await take(model);
                await model.check();
              }
            } finally {
              model.close();
            }
          },
        ),
        { numRuns: 200, interruptAfterTimeLimit: 10_000 },
      );
    },
    SHRINK_MS,
  );
});
