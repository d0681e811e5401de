import { userInfo } from 'node:os';
import { expect, it } from 'vitest';
import { homeOf } from '../../../src/bin/environment.ts';

it('the home directory is what the environment says, else what the system knows; never the current folder', () => {
  expect(homeOf({ HOME: '/home/me' })).toBe('/home/me');
  for (const env of [{}, { HOME: '' }]) expect(homeOf(env)).toBe(userInfo().homedir);
});
