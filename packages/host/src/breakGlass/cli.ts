import { parseArgs } from 'node:util';
import { text } from 'node:stream/consumers';
import { nameForm, readPasswords, writePasswords } from './passwordFile.ts';
import { hashPassword } from './passwordHash.ts';
import { readSecretly } from './readSecretly.ts';

const shortest = 12;

const usage = `npm run console -- passwd [--name NAME] [--stdin] | list | remove --name NAME

  passwd    sets a person's password for the break-glass console; asks for it twice without showing it
            --stdin            reads it from standard input instead (one line)
  list      who may log in
  remove    takes a person's password away
            --name NAME        default for passwd: admin

  Which console
            --file FILE        its password file (HOST_PASSWORD_FILE); default: that of docker compose where it is prepared

Whoever is logged in is logged out by it. A running console takes it at once.`;

class WrongCall extends Error {}

async function main(args: string[]): Promise<void> {
  const { command, name, file, stdin, help } = read(args);
  if (help) {
    console.log(usage);
    return;
  }
  if (!file) {
    throw new WrongCall('which console? Name its password file with --file');
  }
  const people = await readPasswords(file);
  switch (command) {
    case 'list':
      console.log(Object.keys(people).sort().join('\n') || 'Nobody may log in: no password is set.');
      return;
    case 'remove':
      if (name === undefined || !Object.hasOwn(people, name)) {
        throw new WrongCall(`there is no password of ${name ?? 'nobody; name somebody with --name'}`);
      }
      await writePasswords(file, Object.fromEntries(Object.entries(people).filter(([known]) => known !== name)));
      console.log(`✓ ${name} can no longer log in.`);
      return;
    case 'passwd': {
      const login = name ?? 'admin';
      const password = checked(stdin ? await fromStdin() : await fromTerminal(login), login);
      await writePasswords(file, { ...people, [login]: await hashPassword(password) });
      console.log(`✓ The password of ${login} is set, in ${file}.`);
    }
  }
}

function read(args: string[]) {
  const options = { name: { type: 'string' }, file: { type: 'string' }, stdin: { type: 'boolean' }, help: { type: 'boolean' } } as const; // prettier-ignore
  let parsed;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new WrongCall((error as Error).message);
  }
  const { values, positionals } = parsed;
  const [command] = positionals;
  if (!values.help && (positionals.length !== 1 || !['passwd', 'list', 'remove'].includes(command ?? ''))) {
    throw new WrongCall('the command is passwd, list or remove');
  }
  if (values.name !== undefined && !nameForm.test(values.name)) {
    throw new WrongCall('--name is of small letters, digits, dots and dashes, 32 at most, and begins with a letter');
  }
  return { command, ...values };
}

async function fromStdin(): Promise<string> {
  return (await text(process.stdin)).replace(/\r?\n$/, '');
}

async function fromTerminal(login: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new WrongCall('standard input is no terminal: give the password with --stdin');
  }
  const first = await readSecretly(`New password of ${login}: `, process.stdin, process.stderr);
  if ((await readSecretly('The same again: ', process.stdin, process.stderr)) !== first) {
    throw new WrongCall('the two are not the same; nothing was changed');
  }
  return first;
}

function checked(password: string, login: string): string {
  if ([...password].length < shortest) {
    throw new WrongCall(`the password has fewer than ${shortest} characters; nothing was changed`);
  }
  if (password.length > 1024 || /[\r\n]/.test(password)) {
    throw new WrongCall('the password is one line of 1024 characters at most; nothing was changed');
  }
  if (password.toLowerCase().includes(login.toLowerCase()) && password.length < login.length + shortest) {
    throw new WrongCall('the password is little more than the name; nothing was changed');
  }
  return password;
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: Error) => {
    process.stderr.write(`✗ console: ${error.message.replace(/\.$/, '')}.\n`);
    process.exit(error instanceof WrongCall ? 2 : 1);
  }
);
