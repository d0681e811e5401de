import type { Command, Option } from 'commander';

/** What may stand for the word that is being typed. */
export interface Candidate {
  readonly value: string;
  /** '' where there is nothing to say. */
  readonly summary: string;
}

/** `files`: those that the shell itself offers. */
export type Candidates = readonly Candidate[] | 'files';

/** The values that the option or argument `name` of a verb may have; null: nobody knows. */
export type ValuesOf = (name: string, verb: string) => Promise<readonly string[] | 'files' | null>;

/** For the last of `words`, which are all that was typed behind the program's name; the last may be ''. */
export async function candidatesFor(
  program: Command,
  words: readonly string[],
  valuesOf: ValuesOf,
): Promise<Candidates> {
  const [name, ...given] = words.slice(0, -1);
  const current = words.at(-1) ?? '';
  if (name === undefined && current.startsWith('-')) return matching(current, optionsOf(program));
  if (name === undefined || name === 'help') return matching(current, verbsOf(program));
  const command = program.commands.find((verb) => verb.name() === name);
  if (command === undefined) return [];

  const { operands, open, ended } = read(command, given);
  const values = async (of: string, start: string): Promise<Candidates> => {
    const all = (await valuesOf(of, name)) ?? [];
    return all === 'files' ? all : matching(start, all.map(plain));
  };
  if (open !== null) return values(open.attributeName(), current);
  const [, flag = '', value] = /^--([\w-]+)=(.*)$/s.exec(current) ?? [];
  if (value !== undefined && !ended) {
    const found = await values(flag, value);
    return found === 'files' ? found : found.map((one) => plain(`--${flag}=${one.value}`));
  }
  if (current.startsWith('-') && !ended) {
    return matching(current, optionsOf(command)).filter((option) => !given.includes(option.value));
  }
  const { registeredArguments: args } = command;
  const argument = args[operands.length] ?? args.findLast(({ variadic }) => variadic);
  if (argument === undefined) return [];
  const found = await values(argument.name(), current);
  return found === 'files' ? found : found.filter((one) => !operands.includes(one.value));
}

interface Given {
  readonly operands: readonly string[];
  /** The option whose value comes next. */
  readonly open: Option | null;
  /** Whether two dashes have ended the options. */
  readonly ended: boolean;
}

function read({ options }: Command, words: readonly string[]): Given {
  const end = words.indexOf('--');
  const operands: string[] = [];
  let open: Option | null = null;
  for (const word of end === -1 ? words : words.slice(0, end)) {
    if (word.startsWith('-')) {
      open =
        options.find(({ long, short, required }) => required && (word === long || word === short)) ?? null;
    } else if (open === null) operands.push(word);
    else if (!open.variadic) open = null;
  }
  return end === -1
    ? { operands, open, ended: false }
    : { operands: [...operands, ...words.slice(end + 1)], open: null, ended: true };
}

function verbsOf(program: Command): Candidate[] {
  const verbs = program.createHelp().visibleCommands(program);
  return verbs.map((verb) => ({ value: verb.name(), summary: verb.summary() || verb.description() }));
}

function optionsOf(command: Command): Candidate[] {
  const options = command.createHelp().visibleOptions(command);
  return options.flatMap(({ long, description }) => (long ? [{ value: long, summary: description }] : []));
}

function plain(value: string): Candidate {
  return { value, summary: '' };
}

function matching(start: string, candidates: readonly Candidate[]): Candidate[] {
  return candidates.filter(({ value }) => value.startsWith(start));
}
