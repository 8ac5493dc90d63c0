import { expect, test } from 'vitest';
import {
  decodeRequestHeader,
  encodeFrame,
  encodeRequestHeader,
  FrameReader,
  JuteReader,
  JuteWriter,
  Opcode,
  operations,
} from './index.ts';

test('an exchange by hand, as the README shows it', () => {
  const getData = operations[Opcode.GetData];
  const writer = new JuteWriter();
  encodeFrame(writer, (body) => {
    encodeRequestHeader(body, { xid: 1, type: Opcode.GetData });
    getData.encodeRequest(body, { path: '/config', watch: true });
  });

  const frames = new FrameReader();
  frames.push(writer.finish());
  const reader = JuteReader.over(frames.next() ?? expect.fail('the frame is whole'));
  expect(decodeRequestHeader(reader)).toEqual({ xid: 1, type: 4 });
  expect(getData.decodeRequest(reader)).toEqual({ path: '/config', watch: true });
  expect(frames.next()).toBe(null);
});
