/**
 * The Java peers: their libraries come through Maven, their sources are compiled by javac, both
 * once per content, into the cache.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, repositoryRoot, run } from './peers-cache.ts';
import type { PeerCommand } from './peers-report.ts';

const sources = join(repositoryRoot, 'tests/interop/java');

/** The command line that runs the class `main`. */
export async function javaPeer(
  main: string,
  options: { readonly args?: readonly string[]; readonly jvmFlags?: readonly string[] } = {},
): Promise<PeerCommand> {
  const { args = [], jvmFlags = [] } = options;
  const classpath = await javaPeerClasspath();
  return {
    command: 'java',
    args: [...quickJvm, ...jvmFlags, '-cp', classpath, main, ...args],
  };
}

const quickJvm = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];

async function javaPeerClasspath(): Promise<string> {
  const pom = join(sources, 'pom.xml');
  const libraries = await cached('java-libraries', await digest([pom]), async (folder) => {
    await run('mvn', [
      ...['-B', '-q', '-f', pom, `-DoutputDirectory=${folder}`],
      'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies',
    ]);
  });
  const names = (await readdir(join(sources, 'src'))).filter((name) => name.endsWith('.java'));
  const files = names.sort().map((name) => join(sources, 'src', name));
  const classes = await cached('java-classes', await digest([pom, ...files]), async (folder) => {
    await run('javac', [
      ...['-d', folder, '--release', '17', '-Xlint:all,-processing'],
      ...['-proc:none', '-cp', `${libraries}/*`],
      ...files,
    ]);
  });
  return `${sources}:${classes}:${libraries}/*`;
}

async function digest(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(file));
  return hash.digest('hex');
}
