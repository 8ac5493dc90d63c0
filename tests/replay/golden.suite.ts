/**
 * Every golden case of the client protocol against the running server, byte for byte. Cases that
 * need a login service or a server without a quorum are left to other suites.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServerOptions, startServer } from '../support/server.ts';
import { handshakeCases } from './cases-handshake.ts';
import { closingCases, freshServerCases, storySessions, treeCases } from './cases-tree.ts';
import { watchCases } from './cases-watch.ts';
import { goldenCases, isReplayable } from './golden.ts';
import { Story } from './story.ts';

const played = new Set<string>();

/** What the recorded server was started with. */
const recordedSettings = {
  '4lw.commands.whitelist': 'ruok,srvr,isro',
  extendedTypesEnabled: true,
  enforceQuota: true,
  'DigestAuthenticationProvider.superDigest': 'super:lK75jTNcA+U9vtVEw5vB51mj/w4=',
};

/** A server for one story, which ends with it. */
function storyOn(settings: ServerOptions['settings']): () => Story {
  let story: Story | undefined;
  beforeAll(async () => {
    story = new Story(await startServer(settings && { settings }));
  });
  afterAll(async () => {
    for (const name of story?.played ?? []) played.add(name);
    await story?.server.stop();
  });
  return () => {
    if (!story) throw new Error('the server has not started');
    return story;
  };
}

describe('before a session', () => {
  handshakeCases(storyOn(recordedSettings));
});

describe('the recorded story', () => {
  const story = storyOn(recordedSettings);
  const sessions = storySessions(story);
  treeCases(story, sessions);
  watchCases(story, sessions);
  closingCases(story, sessions);
});

describe('a fresh server with default settings', () => {
  freshServerCases(storyOn({}));
});

describe('all of them', () => {
  it('no replayable case is left out', () => {
    const expected = goldenCases.filter(isReplayable).map((golden) => golden.name);
    expect([...played].sort()).toEqual(expected.sort());
  });
});
