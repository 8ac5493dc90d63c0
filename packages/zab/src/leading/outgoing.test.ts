import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { QuorumOutput } from '../contract.ts';
import { Outgoing } from './outgoing.ts';
import { Tape } from './tape.ts';

type Step = 'tape' | 'own' | 'attach' | 'take' | 'recycle';

const steps = fc.array(
  fc.constantFrom<Step>('tape', 'tape', 'own', 'own', 'attach', 'take', 'recycle'),
  { maxLength: 40 },
);

function mark(writer: { byte(value: number): void }, value: number): void {
  writer.byte(value & 0xff);
}

test('own packets and those of the tape leave in the order in which they were said', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const tape = new Tape();
      const outgoing = new Outgoing(7);
      const said: number[] = [];
      const left: number[] = [];
      let onItsWay: QuorumOutput | null = null;
      const take = (): void => {
        const into: QuorumOutput[] = [];
        outgoing.take(into);
        const [output] = into;
        if (output === undefined) return;
        onItsWay = output;
        const bytes = output.pieces.flatMap((piece) => [...piece]);
        expect(bytes.length).toBe(output.byteCount);
        left.push(...bytes);
      };
      for (const [value, step] of all.entries()) {
        if (step === 'tape') {
          mark(tape.open(1), value);
          tape.close();
          if (outgoing.isAttached) said.push(value);
        } else if (step === 'own') {
          mark(outgoing.open(), value);
          outgoing.close();
          said.push(value);
        } else if (step === 'attach' && !outgoing.isAttached) outgoing.attach(tape);
        else if (step === 'take') take();
        else if (step === 'recycle' && onItsWay !== null) outgoing.recycle(onItsWay);
      }
      if (onItsWay !== null) outgoing.recycle(onItsWay);
      take();
      expect(left).toEqual(said);
    }),
  );
});

test('one output is on its way at a time, and what has not left is known', () => {
  const outgoing = new Outgoing(7);
  const into: QuorumOutput[] = [];
  mark(outgoing.open(), 1);
  outgoing.close();
  outgoing.take(into);
  mark(outgoing.open(), 2);
  outgoing.close();
  outgoing.take(into);
  expect(into.length).toBe(1);
  expect([outgoing.ownBytes, outgoing.unsentBytes]).toEqual([2, 2]);
  outgoing.recycle(into[0]!);
  expect([outgoing.ownBytes, outgoing.unsentBytes]).toEqual([1, 1]);
  outgoing.take(into);
  expect(into.length).toBe(2);
});

test('behind what is on its way, the rest can be taken before a link is closed', () => {
  const outgoing = new Outgoing(7);
  const into: QuorumOutput[] = [];
  for (const value of [1, 2]) {
    mark(outgoing.open(), value);
    outgoing.close();
    outgoing.takeAll(into);
  }
  expect(into.map(({ pieces }) => pieces.flatMap((piece) => [...piece]))).toEqual([[1], [2]]);
});

test('a place that the tape has let go is lost', () => {
  const tape = new Tape();
  const outgoing = new Outgoing(7);
  outgoing.attach(tape);
  for (let i = 0; i < 2; i += 1) {
    tape.open(200_000).position += 200_000;
    tape.close();
  }
  expect(outgoing.isLost).toBe(false);
  tape.forget(tape.end);
  expect(outgoing.isLost).toBe(true);
  const into: QuorumOutput[] = [];
  outgoing.take(into);
  expect(into).toEqual([]);
});
