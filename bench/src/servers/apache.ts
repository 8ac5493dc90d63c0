/**
 * Apache ZooKeeper, started as a bare JVM: without its shell scripts, with the JVM's own defaults,
 * and without a logging back end, which is the kindest setting there is for a measurement.
 *
 * What is missing is installed: 3.8 as the Debian package `zookeeper`, 3.9 from Maven Central into
 * the bench's cache.
 */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../places.ts';
import type { Candidate, Launch, Place } from './candidate.ts';

const exec = promisify(execFile);

const MAIN_CLASS = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
const DEBIAN_JAR = '/usr/share/java/zookeeper.jar';
const MAVEN_VERSION = '3.9.5';

/** Beside the server itself: what its jar needs at run time but leaves to its user to bring. */
const MAVEN_ARTIFACTS = [
  `org.apache.zookeeper:zookeeper:${MAVEN_VERSION}`,
  'io.dropwizard.metrics:metrics-core:4.1.12.1',
  'org.xerial.snappy:snappy-java:1.1.10.5',
  'commons-cli:commons-cli:1.5.0',
];

export type ApacheRelease = 'apache38' | 'apache39';

export async function apache(release: ApacheRelease): Promise<Candidate> {
  const { version, classPath } =
    release === 'apache38' ? await installFromDebian() : await installFromMaven();
  return {
    role: 'peer',
    title: `Apache ${version}`,
    isDurable: true,
    launch: (place: Place): Launch => ({
      command: 'java',
      args: ['-cp', classPath, MAIN_CLASS, join(place.directory, 'zoo.cfg')],
    }),
  };
}

interface Installation {
  readonly version: string;
  readonly classPath: string;
}

async function installFromDebian(): Promise<Installation> {
  if (!existsSync(DEBIAN_JAR)) await aptInstall();
  const { stdout } = await exec('dpkg-query', ['-s', 'libzookeeper-java']);
  // 3.8.0-11+deb12u2: what follows the dash is Debian's own count.
  const version = /^Version: ([\d.]+)/m.exec(stdout)?.[1] ?? '3.8';
  return { version, classPath: DEBIAN_JAR };
}

async function aptInstall(): Promise<void> {
  process.stderr.write('Installing the Debian package zookeeper …\n');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await exec('apt-get', ['install', '-y', '--no-install-recommends', 'zookeeper'], { env });
  } catch (cause) {
    throw new Error('Apache 3.8 needs Debian and root; try --peer apache39 or none', { cause });
  }
}

async function installFromMaven(): Promise<Installation> {
  const folder = join(cacheFolder, `apache-${MAVEN_VERSION}`);
  if (!existsSync(folder)) await mavenInstall(folder);
  const jars = readdirSync(folder).filter((name) => name.endsWith('.jar'));
  return {
    version: MAVEN_VERSION,
    classPath: jars.map((name) => join(folder, name)).join(':'),
  };
}

async function mavenInstall(folder: string): Promise<void> {
  process.stderr.write(`Fetching Apache ZooKeeper ${MAVEN_VERSION} from Maven Central …\n`);
  const unfinished = `${folder}.unfinished`;
  await mkdir(unfinished, { recursive: true });
  const pom = join(unfinished, 'pom.xml');
  await writeFile(pom, pomText());
  const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
  await exec('mvn', ['-q', '-B', '-f', pom, plugin, `-DoutputDirectory=${unfinished}`]);
  await rename(unfinished, folder);
}

function pomText(): string {
  const dependencies = MAVEN_ARTIFACTS.map((artifact) => {
    const [group, name, version] = artifact.split(':');
    return `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>zabra</groupId><artifactId>bench</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${dependencies.join('\n')}</dependencies></project>
`;
}
