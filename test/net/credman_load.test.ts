import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import test from 'ava';
import { KERNEL_CONFIG, resolveConfig } from '../../kernel/config.ts';
import { Kernel } from '../../kernel/kernel.ts';
import { NET_CONFIG } from '../../net/config.ts';
import {
  CREDMAN_INVALID, CREDMAN_OK, CREDMAN_TYPE_ECDSA, CREDMAN_TYPE_EMPTY, credman_add, credman_load_private_ecc_key,
  credman_load_private_key, credman_load_public_key, type credman_credential_t, type ecdsa_public_key_t,
} from '../../net/credman.ts';
import { native } from '../../boards/native.ts';
import { fromHex, hex } from '../../net/wire/bytes.ts';

/** Runs `work` on a board that runs nothing else; what it printed. */
function onBoard(work: () => void, config: Record<string, number> = {}): string {
  let printed = '';
  const kernel = new Kernel({
    platform: {
      now: () => 0, setAlarm: () => undefined, setCpuWake: () => undefined, random32: () => 0,
      uartWrite: (text) => { printed += text; }, power: () => undefined, traced: () => false, trace: () => undefined,
    },
    config: resolveConfig([KERNEL_CONFIG, NET_CONFIG], config),
    stacks: native.stacks, modules: new Set(), idleThread: true,
  });
  kernel.run(work);
  return printed;
}

/** RFC 6979 A.2.5. */
const D = 'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721';
const X = '60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6';
const Y = '7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299';

/** A DER object around hexadecimal contents. */
function der(tag: number, ...contents: string[]): string {
  const inner = contents.join('');
  const length = inner.length / 2;
  return hex(new Uint8Array([tag, ...(length < 128 ? [length] : [0x81, length])])) + inner;
}

const OID_EC = '06072a8648ce3d0201';
const OID_P256 = '06082a8648ce3d030107';
const ALGORITHM = der(0x30, OID_EC, OID_P256);
const POINT = der(0x03, '0004', X, Y);
const PUBLIC = der(0x30, ALGORITHM, POINT);
const ECC = der(0x30, '020101', der(0x04, D), der(0xa0, OID_P256), der(0xa1, POINT));
const PKCS8 = der(0x30, '020100', ALGORITHM, der(0x04, der(0x30, '020101', der(0x04, D), der(0xa1, POINT))));

type Load = (buf: Uint8Array, len: number) => number;

function loadPublic(text: string): { res: number; out: ecdsa_public_key_t } {
  const out: ecdsa_public_key_t = { x: null, y: null };
  const buf = fromHex(text);
  return { res: credman_load_public_key(buf, buf.length, out), out };
}

function loadPrivate(load: typeof credman_load_private_key, text: string): { res: number; cred: credman_credential_t } {
  const cred: credman_credential_t = { type: CREDMAN_TYPE_EMPTY, tag: 5, params: {} };
  const buf = fromHex(text);
  return { res: load(buf, buf.length, cred), cred };
}

const part = (bytes: Uint8Array | null | undefined): string | null => bytes ? hex(bytes) : null;

test('load_public_key: SubjectPublicKeyInfo gives x and y as views of the buffer', (t) => {
  // A byte changed in the buffer afterwards is seen: RIOT keeps pointers into it.
  onBoard(() => {
    const buf = fromHex(`ffff${PUBLIC}`).subarray(2);
    const out: ecdsa_public_key_t = { x: null, y: null };
    t.is(credman_load_public_key(buf, buf.length, out), CREDMAN_OK);
    t.deepEqual([part(out.x), part(out.y)], [X, Y]);
    buf.fill(0, buf.length - 64);
    t.deepEqual([part(out.x), part(out.y)], ['00'.repeat(32), '00'.repeat(32)]);
  });
});

test('load_private_ecc_key: ECPrivateKey gives type, private key and public key, and the tag stays', (t) => {
  // With it the credential can be added as it is.
  onBoard(() => {
    const { res, cred } = loadPrivate(credman_load_private_ecc_key, ECC);
    t.is(res, CREDMAN_OK);
    t.deepEqual([cred.type, cred.tag], [CREDMAN_TYPE_ECDSA, 5]);
    const { private_key, public_key } = cred.params.ecdsa!;
    t.deepEqual([part(private_key), part(public_key.x), part(public_key.y)], [D, X, Y]);
    t.is(credman_add(cred), CREDMAN_OK);
  });
});

test('load_private_ecc_key: without a public key x and y are NULL, and adding gives CREDMAN_INVALID', (t) => {
  // The optional last part is left out, with and without the parameters.
  onBoard(() => {
    for (const more of [[], [der(0xa0, OID_P256)]]) {
      const { res, cred } = loadPrivate(credman_load_private_ecc_key, der(0x30, '020101', der(0x04, D), ...more));
      t.is(res, CREDMAN_OK);
      t.deepEqual(cred.params.ecdsa!.public_key, { x: null, y: null });
      t.is(part(cred.params.ecdsa!.private_key), D);
      t.is(credman_add(cred), CREDMAN_INVALID);
    }
  });
});

test('load_private_key: OneAsymmetricKey gives what the ECPrivateKey in it holds', (t) => {
  // PKCS #8 as OpenSSL writes it: parameters of the curve stand outside.
  onBoard(() => {
    const { res, cred } = loadPrivate(credman_load_private_key, PKCS8);
    t.is(res, CREDMAN_OK);
    const { private_key, public_key } = cred.params.ecdsa!;
    t.deepEqual([cred.type, part(private_key), part(public_key.x), part(public_key.y)], [CREDMAN_TYPE_ECDSA, D, X, Y]);
  });
});

test('keys that OpenSSL writes load in all three forms, with the same numbers', (t) => {
  // SPKI, PKCS #8 and SEC 1 of one key; the JWK says what is in them.
  onBoard(() => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const jwk = privateKey.export({ format: 'jwk' });
    const [d, x, y] = [jwk.d, jwk.x, jwk.y].map((text) => Buffer.from(text!, 'base64url').toString('hex'));
    const { out } = loadPublic(publicKey.export({ format: 'der', type: 'spki' }).toString('hex'));
    t.deepEqual([part(out.x), part(out.y)], [x, y]);
    for (const [type, load] of [['pkcs8', credman_load_private_key], ['sec1', credman_load_private_ecc_key]] as const) {
      const { res, cred } = loadPrivate(load, privateKey.export({ format: 'der', type }).toString('hex'));
      const { private_key, public_key } = cred.params.ecdsa!;
      t.deepEqual([res, part(private_key), part(public_key.x), part(public_key.y)], [CREDMAN_OK, d, x, y], type);
    }
  });
});

test('load: bytes behind the outer object are ignored', (t) => {
  // RIOT's decoder looks at the first object alone.
  onBoard(() => {
    t.is(loadPublic(`${PUBLIC}0500ff`).res, CREDMAN_OK);
    t.is(loadPrivate(credman_load_private_key, `${PKCS8}ff`).res, CREDMAN_OK);
    t.is(loadPrivate(credman_load_private_ecc_key, `${ECC}30`).res, CREDMAN_OK);
  });
});

const BAD_PUBLIC: Readonly<Record<string, string>> = {
  'no outer SEQUENCE': der(0x31, ALGORITHM, POINT),
  'another algorithm': der(0x30, der(0x30, '06072a8648ce3d0202', OID_P256), POINT),
  'an algorithm of another length': der(0x30, der(0x30, OID_P256), POINT),
  'no key': der(0x30, ALGORITHM),
  'no BIT STRING': der(0x30, ALGORITHM, der(0x04, '0004', X, Y)),
  'an empty BIT STRING': der(0x30, ALGORITHM, '0300'),
  'a compressed point': der(0x30, ALGORITHM, der(0x03, '0002', X)),
  'indefinite length': `3080${ALGORITHM}${POINT}0000`,
  'more than 8 objects': der(0x30, ALGORITHM, POINT, '0500'.repeat(4)),
};
for (const [what, bad] of Object.entries(BAD_PUBLIC)) {
  test(`load_public_key: ${what} gives CREDMAN_INVALID`, (t) => {
    // One thing differs from a key that loads; x and y stay as they were.
    onBoard(() => t.deepEqual(loadPublic(bad), { res: CREDMAN_INVALID, out: { x: null, y: null } }));
  });
}

const BAD_ECC: Readonly<Record<string, string>> = {
  'no version': der(0x30, der(0x04, D)),
  'version 0': der(0x30, '020100', der(0x04, D)),
  'no private key': der(0x30, '020101'),
  'an empty private key': der(0x30, '020101', '0400'),
  'a private key that is no OCTET STRING': der(0x30, '020101', der(0x03, '00', D)),
  'more than 8 objects': der(0x30, '020101', der(0x04, D), '0500'.repeat(6)),
};
for (const [what, bad] of Object.entries(BAD_ECC)) {
  test(`load_private_ecc_key: ${what} gives CREDMAN_INVALID and leaves the credential alone`, (t) => {
    // The same key inside a OneAsymmetricKey is refused too.
    onBoard(() => {
      const untouched = { type: CREDMAN_TYPE_EMPTY, tag: 5, params: {} };
      t.deepEqual(loadPrivate(credman_load_private_ecc_key, bad), { res: CREDMAN_INVALID, cred: untouched });
      const outer = der(0x30, '020100', ALGORITHM, der(0x04, bad));
      t.deepEqual(loadPrivate(credman_load_private_key, outer), { res: CREDMAN_INVALID, cred: untouched });
    });
  });
}

const INNER = der(0x04, ECC);
const BAD_PKCS8: Readonly<Record<string, string>> = {
  'no outer SEQUENCE': der(0x31, '020100', ALGORITHM, INNER),
  'no version': der(0x30, ALGORITHM, INNER),
  'no algorithm': der(0x30, '020100', INNER),
  'an empty algorithm': der(0x30, '020100', '3000', INNER),
  'another algorithm': der(0x30, '020100', der(0x30, OID_P256), INNER),
  'no private key': der(0x30, '020100', ALGORITHM),
  'an empty private key': der(0x30, '020100', ALGORITHM, '0400'),
};
for (const [what, bad] of Object.entries(BAD_PKCS8)) {
  test(`load_private_key: ${what} gives CREDMAN_INVALID`, (t) => {
    // One thing differs from a key that loads.
    t.plan(1);
    onBoard(() => t.is(loadPrivate(credman_load_private_key, bad).res, CREDMAN_INVALID));
  });
}

test('load_private_ecc_key: no point as public key: CREDMAN_INVALID, type and private key set even so', (t) => {
  // As RIOT: it looks for the public key last.
  onBoard(() => {
    const bad = der(0x30, '020101', der(0x04, D), der(0xa1, der(0x03, '0002', X)));
    const { res, cred } = loadPrivate(credman_load_private_ecc_key, bad);
    t.deepEqual([res, cred.type], [CREDMAN_INVALID, CREDMAN_TYPE_ECDSA]);
    t.is(part(cred.params.ecdsa!.private_key), D);
    t.deepEqual(cred.params.ecdsa!.public_key, { x: null, y: null });
  });
});

test('CONFIG_CREDMAN_MAX_ASN1_OBJ: a key of seven objects needs seven', (t) => {
  // ECPrivateKey with both optional parts: outer, version, key, [0], OID, [1], BIT STRING.
  for (const [limit, res] of [[6, CREDMAN_INVALID], [7, CREDMAN_OK]] as const) {
    onBoard(() => t.is(loadPrivate(credman_load_private_ecc_key, ECC).res, res),
      { CONFIG_CREDMAN_MAX_ASN1_OBJ: limit });
  }
});

test('load_public_key: a key without an algorithm is undefined on RIOT, and refused', (t) => {
  // RIOT follows the missing child: an empty SEQUENCE, and a first part that is not constructed.
  for (const bad of ['3000', der(0x30, '020101', POINT)]) {
    const printed = onBoard(() => t.is(loadPublic(bad).res, CREDMAN_INVALID));
    t.regex(printed, /undefined on RIOT: credman_load_public_key/);
  }
});

const LOADS: readonly (readonly [string, Load])[] = [
  [PUBLIC, (buf, len) => credman_load_public_key(buf, len, { x: null, y: null })],
  [PKCS8, (buf, len) => credman_load_private_key(buf, len, { type: CREDMAN_TYPE_EMPTY, tag: 1, params: {} })],
  [ECC, (buf, len) => credman_load_private_ecc_key(buf, len, { type: CREDMAN_TYPE_EMPTY, tag: 1, params: {} })],
];

test('every strict prefix of a key gives CREDMAN_INVALID, whatever stands behind it in the buffer', (t) => {
  // All lengths, once of a copy that ends there and once by buf_len alone.
  onBoard(() => {
    for (const [key, load] of LOADS) {
      const buf = fromHex(key);
      for (let len = 0; len < buf.length; len++) {
        t.is(load(buf, len), CREDMAN_INVALID);
        t.is(load(buf.slice(0, len), len), CREDMAN_INVALID);
      }
      t.is(load(buf, buf.length), CREDMAN_OK);
    }
  });
});

test('random bytes and keys with random bytes changed never throw', (t) => {
  // The library's decoder meets all tags and lengths; only the two return values come out.
  onBoard(() => {
    const changes = fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { minLength: 1, maxLength: 4 });
    const answers = new Set<number>();
    const random = fc.uint8Array({ maxLength: 80 });
    fc.assert(fc.property(fc.constantFrom(...LOADS), changes, random, ([key, load], at, raw) => {
      const buf = fromHex(key);
      for (const [i, value] of at) buf[i % buf.length] = value;
      answers.add(load(buf, buf.length));
      answers.add(load(raw, raw.length));
    }), { seed: 42, numRuns: 5000 });
    t.deepEqual([...answers].toSorted((a, b) => a - b), [CREDMAN_INVALID, CREDMAN_OK]);
  });
});
