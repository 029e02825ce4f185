import type { ArgsOf, CommandName } from '@opsboard/shared/protocol/deciders';
import { newId } from '../../../server/src/platform/ids.ts';
import type { Act, Subject } from './acts.ts';
import { acts } from './acts.ts';

/** A command inside an import. */
export function importing(command: string): Act {
  const { subjects, own } = acts.get(command)!;
  const inside =
    (subject: Subject): Subject =>
    async (scene) => ({ commands: [{ name: command, args: await subject(scene) }] });
  return {
    command: 'import',
    subjects: Object.fromEntries(Object.entries(subjects).map(([name, subject]) => [name, inside(subject)])),
    ...(own ? { own } : {}),
  };
}

/** A command that the admin carried out, taken back by somebody. */
export function undoing(command: string): Act {
  const { subjects, own } = acts.get(command)!;
  const done =
    (condition: string, subject: Subject): Subject =>
    async (scene) => {
      const commandId = newId();
      if (condition === 'unknown') return { commandId };
      const { world, other } = scene;
      const away = condition === 'other';
      // There it is their admin who did it.
      const args = (await subject(away ? { ...scene, world: other, other: world } : scene)) as ArgsOf<CommandName>;
      await (away ? other : world).act(command as CommandName, args, { commandId });
      return { commandId };
    };
  return {
    command: 'undo',
    subjects: Object.fromEntries(
      Object.entries(subjects).map(([name, subject]) => [
        name,
        // `other` makes its record in the other of the two worlds, which are changed over for it.
        name === 'other'
          ? done(name, subjects['own'] ?? subjects['north'] ?? subjects['another']!)
          : done(name, subject),
      ]),
    ),
    ...(own ? { own } : {}),
  };
}
