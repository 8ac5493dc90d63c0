/**
 * Judges an ensemble from outside, fact by fact. Each rule is a file of its own and sees what is known
 * before a fact; then the fact becomes known. Nothing of this is code of those who are judged, but for
 * the codecs of their bytes.
 */
import type { Ensemble } from '@zabra/wire';
import { commitRule } from './commit-rule.ts';
import { delivery } from './delivery.ts';
import { epochs } from './epochs.ts';
import type { Fact, Listener } from './facts.ts';
import { failStop } from './fail-stop.ts';
import { gettingInStep } from './getting-in-step.ts';
import { Known } from './known.ts';
import { leadership } from './leadership.ts';
import { logOrder } from './log-order.ts';
import { promises } from './promises.ts';
import type { Rule, Say } from './rule.ts';
import { sameState } from './same-state.ts';
import { type SilentDiskLimits, silentDisk } from './silent-disk.ts';

type Look = (fact: never, known: Known, say: Say) => void;

/** What comes after so many is said of a world that is beyond judging. */
const VIOLATIONS_MAX = 20;

export class EnsembleJudge implements Listener {
  readonly known: Known;
  /** In sentences, each with the id of the property that is broken. */
  readonly violations: string[] = [];
  /** Told at once. */
  onViolation: (sentence: string) => void = () => {};
  readonly #looks = new Map<Fact['kind'], Look[]>();

  constructor(ensemble: Ensemble, limits: SilentDiskLimits) {
    this.known = new Known(ensemble);
    const rules: readonly Rule[] = [
      epochs,
      promises,
      leadership,
      commitRule,
      logOrder,
      delivery,
      gettingInStep,
      sameState,
      failStop(),
      silentDisk(limits),
    ];
    for (const rule of rules) {
      for (const [kind, look] of Object.entries(rule)) {
        const looks = this.#looks.get(kind as Fact['kind']) ?? [];
        this.#looks.set(kind as Fact['kind'], [...looks, look as Look]);
      }
    }
  }

  hear(fact: Fact): void {
    const looks = this.#looks.get(fact.kind);
    if (looks !== undefined) {
      for (const look of looks) look(fact as never, this.known, this.#say);
    }
    this.known.learn(fact);
  }

  readonly #say: Say = (id, what) => {
    if (this.violations.length >= VIOLATIONS_MAX) return;
    const sentence = `${id}: ${what}`;
    this.violations.push(sentence);
    this.onViolation(sentence);
  };
}
