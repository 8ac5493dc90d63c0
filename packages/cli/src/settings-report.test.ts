import { readDefinition, resolveSettings } from '@zabra/server';
import { describe, expect, it } from 'vitest';
import { reportSettings } from './settings-report.ts';

describe('reportSettings', () => {
  it('names what is not the default, and who set it', () => {
    const resolved = resolveSettings({
      file: { path: 'zoo.cfg', text: 'dataDir=/zk\nclientPort=2190\n' },
      args: [readDefinition('-DtickTime=500')],
    });
    expect(reportSettings(resolved)).toEqual([
      '  clientPort = 2190   zoo.cfg, line 2',
      '  tickTimeMs = 500   argument -DtickTime',
      '  dataDir = /zk   zoo.cfg, line 1',
    ]);
  });

  it('has nothing to say of a server that was told nothing', () => {
    expect(reportSettings(resolveSettings({}))).toEqual([]);
  });

  it('shows no secret', () => {
    const args = [readDefinition('-DDigestAuthenticationProvider.superDigest=super:abc')];
    expect(reportSettings(resolveSettings({ args })).join()).not.toContain('abc');
  });
});
