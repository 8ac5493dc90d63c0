/** Whether a trial came out well; where it did not, all its files are kept and told of. */
import { expect } from 'vitest';
import { type Trial, told } from './trial.ts';

/** Ends the trial; the figures go to the log of the suite. */
export async function expectRight(
  trial: Trial,
  name: string,
  figures: Readonly<Record<string, number>> = {},
): Promise<void> {
  const verdict = await trial.end();
  console.log(`${name}:`, JSON.stringify({ ...figures, ...verdict.figures }));
  if (verdict.violations.length === 0) return;
  const kept = await trial.keep('chaos');
  expect.fail(`${name}, all files are in ${kept}:\n${told(verdict)}`);
}
