/** The command was called in a way that makes no sense: it is told what to write instead. */
export class WrongUse extends Error {
  constructor(problem: string, advice: string) {
    super(`${problem}\n  ${advice}`);
    this.name = 'WrongUse';
  }
}
