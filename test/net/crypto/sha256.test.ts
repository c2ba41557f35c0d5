import { createHash } from 'node:crypto';
import fc from 'fast-check';
import test from 'ava';
import { Sha256 } from '../../../net/crypto/sha256.ts';
import { cryptoWork } from '../../../net/crypto/work.ts';
import { hex } from '../../../net/wire/bytes.ts';

const digest = (sha: Sha256): string => {
  const out = new Uint8Array(32);
  sha.digest(out);
  return hex(out);
};

const hashOf = (data: Uint8Array): string => {
  const sha = new Sha256(cryptoWork());
  sha.update(data);
  return digest(sha);
};

const text = (s: string): Uint8Array => new TextEncoder().encode(s);

test('the hashes of the FIPS 180 examples are right', (t) => {
  // NIST's own examples for SHA-256: nothing, one block, two blocks, and a million times "a".
  t.is(hashOf(text('')), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  t.is(hashOf(text('abc')), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  t.is(hashOf(text('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')),
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1');
  t.is(hashOf(text('a'.repeat(1_000_000))), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0');
});

test('any text in any pieces has the hash that OpenSSL gives it', (t) => {
  // An independent implementation, over lengths around the block and padding borders and any split into updates.
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 150 }), { maxLength: 5 }), (pieces) => {
    const sha = new Sha256(cryptoWork());
    const reference = createHash('sha256');
    for (const piece of pieces) {
      sha.update(piece);
      reference.update(piece);
    }
    t.is(digest(sha), reference.digest('hex'));
  }), { seed: 42, numRuns: 500 });
  for (let length = 0; length < 200; length++) {
    const data = new Uint8Array(length).fill(length);
    t.is(hashOf(data), createHash('sha256').update(data).digest('hex'));
  }
});

test('an update takes the part of the array that is named', (t) => {
  // Start and end point into a larger array, and across a block border.
  const data = Uint8Array.from({ length: 200 }, (_, i) => i);
  const sha = new Sha256(cryptoWork());
  sha.update(data, 3, 40);
  sha.update(data, 40, 180);
  t.is(digest(sha), hashOf(data.slice(3, 180)));
});

test('a copy goes on from where the original was, and both stay apart', (t) => {
  // A transcript is read in the middle: the original must not notice, whatever its fill.
  for (const length of [0, 1, 63, 64, 65, 130]) {
    const head = new Uint8Array(length).fill(7);
    const sha = new Sha256(cryptoWork());
    sha.update(head);
    const copy = new Sha256(cryptoWork());
    copy.update(text('something else'));
    copy.copyFrom(sha);
    copy.update(text('tail'));
    t.is(digest(copy), hashOf(Uint8Array.from([...head, ...text('tail')])));
    t.is(digest(sha), hashOf(head));
  }
});

test('reset forgets what came before', (t) => {
  // The same object after a reset must equal a new one.
  const sha = new Sha256(cryptoWork());
  sha.update(text('a'.repeat(100)));
  sha.reset();
  sha.update(text('abc'));
  t.is(digest(sha), hashOf(text('abc')));
});

test('the work is one compression for each 64 bytes of text and padding', (t) => {
  // 55 bytes of text fit into one block with their padding (1 + 8 bytes), 56 do not.
  for (const [length, blocks] of [[0, 1], [55, 1], [56, 2], [64, 2], [119, 2], [120, 3]] as const) {
    const work = cryptoWork();
    const sha = new Sha256(work);
    sha.update(new Uint8Array(length));
    sha.digest(new Uint8Array(32));
    t.is(work.sha256, blocks, `${length} bytes`);
  }
});
